import { type Dataset, exampleSize } from './dataset.ts';

/** Example i in its own size as `data:image/png;base64,…`; null where it is not a picture. */
export async function pictureOf(dataset: Dataset, i: number): Promise<string | null> {
  if (dataset.example.layout !== 'image') return null;
  const [channels, height, width] = dataset.example.shape;
  const values = new Float32Array(exampleSize(dataset));
  dataset.read(i, values, 0);
  const area = height * width;
  // A picture of one or three channels is shown as it is; of any other number, its first channel in grey.
  const shown = channels === 3 ? 3 : 1;
  const pixels = new Uint8Array(area * shown);
  for (let p = 0; p < area; p++) {
    for (let c = 0; c < shown; c++) pixels[p * shown + c] = Math.round(255 * Math.min(1, Math.max(0, values[c * area + p]!)));
  }
  // Loaded where it is needed: it takes 20 MB.
  const { default: sharp } = await import('sharp');
  const image = sharp(pixels, { raw: { width, height, channels: shown } });
  const png = await (shown === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
