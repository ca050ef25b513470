/**
 * Colours, light and dark. The three roles keep their hue everywhere: blue, orange and grey stay apart for every common
 * form of colour blindness, and every text colour has a contrast of at least 4.5 on both backgrounds.
 */
export const theme = `
:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --panel: #f5f6f8;
  --ink: #14181d;
  --soft: #535c67;
  --line: #dfe3e8;
  --teacher: #586270;
  --scratch: #a94905;
  --distilled: #0a63b8;
  --good: #08705a;
  --bad: #b02a1f;
  --radius: 14px;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1215;
    --panel: #181c21;
    --ink: #e8ebee;
    --soft: #a2abb5;
    --line: #2a3037;
    --teacher: #b3bcc7;
    --scratch: #f29a57;
    --distilled: #62b1f5;
    --good: #4fcba5;
    --bad: #ff8d82;
  }
}
@media print {
  :root { color-scheme: light; --panel: #ffffff; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}`;
