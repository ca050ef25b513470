/** Tables, lists, code, panels and cards. */
export const parts = `
.role { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
.mark { width: 13px; height: 13px; flex: none; }
.margin, .direction { color: var(--soft); font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 14px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); font-weight: 400; }
.legend li, .legend .role { display: inline-flex; align-items: center; gap: 7px; }
.legend b { color: var(--ink); font-weight: 600; }
.sample { width: 28px; height: 10px; color: var(--ink); }
.scroll { overflow-x: auto; max-width: 100%; }
.gallery { margin: 14px 0 0; border-top: 1px solid var(--line); }
.made { display: grid; grid-template-columns: minmax(90px, 130px) minmax(0, 1fr); gap: 8px 20px; padding: 12px 0; border-bottom: 1px solid var(--line); }
.made h4 { margin: 0; font-size: 14px; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
.made > .note { margin: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px 8px; margin: 0; padding: 0; list-style: none; }
.tiles svg { display: block; border-radius: 4px; outline: 1px solid var(--line); background: var(--panel); }
.tiles small { margin: 4px -6px 0 0; font-size: 11px; overflow-wrap: anywhere; }
.enlarged { image-rendering: pixelated; }
.sheet { position: absolute; }
.texts { margin: 0; padding: 0; list-style: none; font-size: 14px; }
.texts li + li { margin-top: 10px; }
.texts li { overflow-wrap: anywhere; }
@media (max-width: 640px) { .made { grid-template-columns: minmax(0, 1fr); } }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; }
tr.control > * { color: var(--soft); }
th, td { text-align: right; font-weight: 400; padding: 9px 12px; vertical-align: top; }
th:first-child { text-align: left; }
thead th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--line); }
thead .role { justify-content: flex-end; }
.controls { width: 100%; min-width: 720px; }
.controls th:first-child, .controls td:first-child { padding-left: 0; }
.controls td:last-child, .controls thead th:last-child { padding-right: 0; }
.controls thead th { white-space: nowrap; }
.controls thead small { max-width: 170px; margin-left: auto; white-space: normal; overflow-wrap: anywhere; }
.controls tbody td { white-space: nowrap; }
.controls tbody tr + tr > * { border-top: 1px solid var(--line); }
.controls thead th:first-child { font-weight: 400; color: var(--soft); font-size: 13px; white-space: normal; }
.controls .group th { padding-top: 26px; font-weight: 650; }
.controls .group td { padding-top: 26px; color: var(--soft); font-size: 12px; vertical-align: bottom; }
.controls .headline td { font-size: 15px; }
.controls .headline td .margin { font-size: 14px; }
.controls .headline th { font-weight: 650; }
.controls strong { font-weight: 700; }
@media (max-width: 640px) {
  .controls { font-size: 13px; min-width: 0; }
  .controls th, .controls td { padding: 8px 7px; }
  .controls tbody th { min-width: 92px; position: sticky; left: 0; z-index: 1; background: var(--paper); }
  .controls .margin { display: block; font-size: 12px; }
  .controls .headline td { font-size: 14px; }
  .controls .headline td .margin { font-size: 12px; }
  .controls thead small { max-width: 88px; }
  .controls .mark { width: 11px; height: 11px; }
}
small.better { color: var(--good); font-weight: 600; }
small.worse { color: var(--bad); font-weight: 600; }
.plain { min-width: 260px; }
.plain th, .plain td { padding: 6px 14px; border-bottom: 1px solid var(--line); white-space: nowrap; }
.plain th:first-child { padding-left: 0; }
.plain .own { font-weight: 700; }
.plain thead th { vertical-align: bottom; }
details { margin: 22px 0 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 12px 0; font-size: 14px; font-weight: 600; }
details[open] { padding-bottom: 18px; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); gap: 0 40px; margin: 18px 0 0; font-size: 14px; }
.facts div { display: flex; gap: 16px; justify-content: space-between; padding: 9px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); flex: none; }
.facts dd { margin: 0; text-align: right; min-width: 0; overflow-wrap: anywhere; }
.notes { margin: 16px 0 0; padding: 0 0 0 1.2em; max-width: 46em; }
.notes li { margin: 6px 0; overflow-wrap: anywhere; }
pre { margin: 14px 0; padding: 16px 18px; overflow: auto; background: var(--panel); border-radius: 10px; font: 13px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
pre.recipe { max-height: 32em; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.92em; }
pre code { font-size: inherit; }
.button { display: inline-flex; gap: 10px; padding: 9px 18px; border-radius: 99px; background: var(--distilled); color: var(--paper); font-size: 14px; font-weight: 600; text-decoration: none; }
.button span { font-weight: 400; opacity: 0.85; }
.switch { display: flex; flex-wrap: wrap; gap: 0; margin: 18px 0 0; }
.switch > input { position: absolute; opacity: 0; pointer-events: none; }
.switch > label { padding: 8px 16px; font-size: 14px; cursor: pointer; border: 1px solid var(--line); margin-left: -1px; }
@media (max-width: 640px) { .switch > label { padding: 8px 10px; font-size: 13px; } }
.switch > label:first-of-type { border-radius: 99px 0 0 99px; margin-left: 0; }
.switch > label:last-of-type { border-radius: 0 99px 99px 0; }
.switch > input:checked + label { background: var(--panel); font-weight: 600; box-shadow: inset 0 0 0 1.5px var(--soft); }
.switch > input:focus-visible + label { outline: 2px solid var(--distilled); outline-offset: 2px; }
.switch > .panel { display: none; width: 100%; min-width: 0; }
.switch > input:nth-of-type(1):checked ~ .panel:nth-of-type(1),
.switch > input:nth-of-type(2):checked ~ .panel:nth-of-type(2),
.switch > input:nth-of-type(3):checked ~ .panel:nth-of-type(3) { display: block; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); gap: 16px; margin-top: 18px; }
.examples article { border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px 10px; min-width: 0; }
.examples header { display: flex; gap: 14px; align-items: center; margin-bottom: 8px; }
.examples img { width: 76px; height: 76px; flex: none; object-fit: contain; border-radius: 8px; background: var(--panel); image-rendering: pixelated; }
.examples h3 { font-size: 16px; letter-spacing: 0; min-width: 0; overflow-wrap: anywhere; }
.examples h3 small { margin-top: 3px; }
.examples dl { margin: 0 0 8px; padding: 8px 12px; background: var(--panel); border-radius: 8px; font-size: 12px; }
.examples dl div { display: flex; justify-content: space-between; gap: 12px; padding: 2px 0; }
.examples dt { color: var(--soft); overflow-wrap: anywhere; }
.examples dd { margin: 0; text-align: right; min-width: 0; overflow-wrap: anywhere; }
.examples .note { margin: 0 0 6px; font-size: 12px; }
.examples table { width: 100%; font-size: 13px; table-layout: auto; }
.examples th, .examples td { padding: 4px 0 4px 10px; border-top: 1px solid var(--line); }
.examples th { padding-left: 0; color: var(--soft); }
.examples td { overflow-wrap: anywhere; }
.examples td:last-child { white-space: nowrap; width: 1%; }
.hit { color: var(--good); }
.miss { color: var(--bad); }`;
