import { type Dataset, exampleSize } from './dataset.ts';

/** Pixels of a picture: of one or three channels as it is, of any other number its first channel in grey. */
interface Pixels {
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/** Pixels of an example [C, H, W]; numbers beyond 0…1 are cut off. */
function pixelsOf(values: Float32Array, channels: number, area: number): Pixels {
  const shown = channels === 3 ? 3 : 1;
  const bytes = new Uint8Array(area * shown);
  for (let p = 0; p < area; p++) {
    for (let c = 0; c < shown; c++) bytes[p * shown + c] = Math.round(255 * Math.min(1, Math.max(0, values[c * area + p]!)));
  }
  return { channels: shown, bytes };
}

async function pngOf({ channels, bytes }: Pixels, width: number, height: number): Promise<Buffer> {
  // Loaded where it is needed: it takes 20 MB.
  const { default: sharp } = await import('sharp');
  const image = sharp(bytes, { raw: { width, height, channels } });
  return (channels === 1 ? image.toColourspace('b-w') : image).png().toBuffer();
}

/** Examples side by side in their own size as one PNG, the same bytes for the same examples; null where they are not pictures. */
export async function sheetOf(dataset: Dataset, indices: readonly number[]): Promise<Uint8Array | null> {
  if (dataset.example.layout !== 'image') return null;
  const [channels, height, width] = dataset.example.shape;
  const values = new Float32Array(exampleSize(dataset));
  const tiles = indices.map((i) => {
    dataset.read(i, values, 0);
    return pixelsOf(values, channels, height * width);
  });
  const depth = channels === 3 ? 3 : 1;
  const line = width * depth;
  const bytes = new Uint8Array(tiles.length * height * line);
  for (const [t, tile] of tiles.entries()) {
    for (let y = 0; y < height; y++) bytes.set(tile.bytes.subarray(y * line, (y + 1) * line), (y * tiles.length + t) * line);
  }
  return pngOf({ channels: depth, bytes }, tiles.length * width, height);
}

/** Example i in its own size as `data:image/png;base64,…`; null where it is not a picture. */
export async function pictureOf(dataset: Dataset, i: number): Promise<string | null> {
  const png = await sheetOf(dataset, [i]);
  return png && `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
