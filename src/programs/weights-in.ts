import { join, resolve } from 'node:path';
import { jobStore, type Tensors } from '../run/store.ts';
import type { Workshop } from './define.ts';

/** The weights that a seed's student ended with in a part that is finished. */
export async function weightsIn({ at, options }: Pick<Workshop, 'at' | 'options'>, part: string, seed: number): Promise<Tensors> {
  const folder = resolve(options.dataFolder ?? '.', at(part));
  return (await jobStore(join(folder, 'checkpoints', `distilled-${seed}`)).finished())!.weights;
}
