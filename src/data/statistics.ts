import { type Dataset, type ExampleType, exampleSize, type Spreads } from './dataset.ts';

/** What is taken for the spread of numbers of which nothing is known: pictures about a half ± a quarter, others 0 ± 1. */
export function usualSpreads({ layout, shape }: ExampleType): Spreads {
  const [mean, std] = layout === 'image' ? [0.5, 0.25] : [0, 1];
  return { mean: new Array<number>(shape[0]).fill(mean), std: new Array<number>(shape[0]).fill(std) };
}

/** Mean and population standard deviation of each channel of pictures (0…1), or of each number of vectors; usual ones of an empty set. */
export function statistics(dataset: Dataset): Spreads {
  if (dataset.size === 0) return usualSpreads(dataset.example);
  const channels = dataset.example.shape[0];
  const width = exampleSize(dataset);
  const area = width / channels;
  const example = new Float32Array(width);
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < dataset.size; i++) {
    dataset.read(i, example, 0);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      let square = 0;
      for (let p = c * area; p < (c + 1) * area; p++) {
        const x = example[p]!;
        sum += x;
        square += x * x;
      }
      sums[c]! += sum;
      squares[c]! += square;
    }
  }
  const count = dataset.size * area;
  const mean = Array.from(sums, (s) => s / count);
  return { mean, std: mean.map((m, c) => Math.sqrt(Math.max(0, squares[c]! / count - m * m))) };
}
