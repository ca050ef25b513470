import type { Recipe } from '../../recipe/recipe.ts';
import { deliver } from '../../run/deliver.ts';
import { defineProgram, type Workshop } from '../define.ts';
import { type Federation, serverAt } from './federation.ts';
import { findings } from './findings.ts';
import { type Followed, follow } from './follow.ts';
import { mainOf, methods } from './methods.ts';
import { check, type FederatedOptions, options } from './options.ts';

export const federated = defineProgram({
  kind: 'federated',
  summary:
    'Clients that keep their data: local training, and a server that averages their weights (FedAvg, FedProx) or distils their ensemble (FedDF); also where their architectures differ.',
  paper: 'https://arxiv.org/abs/2006.07242',
  expect:
    'Fewer rounds than FedAvg to the same accuracy where clients have unlike classes (table 1: CIFAR-10, α = 0.1, 75 % after 51 rounds instead of 445); little where they are alike. It runs where architectures differ, and weights have no mean.',
  teaches: false,
  options,
  check,
  async run(o, workshop) {
    const followed: Followed[] = [];
    for (const method of o.methods) {
      for (const seed of workshop.recipe.seeds) followed.push(await follow(o, workshop, method, seed));
    }
    const { workplace, architectures, shown } =
      followed.find(({ federation }) => federation.shown)?.federation ?? followed[0]!.federation;
    const models: string[] = [];
    for (const options of architectures) models.push((await followed[0]!.federation.model(options)).name);
    const found = findings(o, { headline: workplace.task.headline, models, followed, shown: shown?.size ?? 0 });
    await deliverAll(o, workshop, followed, found.sentence);
    return found;
  },
});

/** The server's models after the last round, each of the seed that does best on validation, or of the first. */
async function deliverAll(
  o: FederatedOptions,
  workshop: Workshop,
  followed: readonly Followed[],
  sentence: string,
): Promise<void> {
  const own = followed.filter(({ method }) => method === mainOf(o.methods)).map(({ federation }) => federation);
  const { architectures } = own[0]!;
  for (const [place, model] of architectures.entries()) {
    const part = architectures.length === 1 ? 'server' : `server-${place + 1}`;
    const recipe: Recipe = { ...workshop.recipe, student: { ...workshop.recipe.student, model } };
    const best = await workshop.remember(`${part}-seed`, () => bestOf(own, serverAt(o.rounds, place), place));
    const chosen = own.find(({ seed }) => seed === best)!;
    await deliver(await workshop.open(part, recipe), await chosen.read(serverAt(o.rounds, place)), sentence);
    workshop.note(
      `The server’s model after the last round (${methods[mainOf(o.methods)].name}, seed ${best}) is in parts/${part}/student.`,
    );
  }
}

async function bestOf(federations: readonly Federation[], reference: string, place: number): Promise<number> {
  const scores: number[] = [];
  for (const { workplace, model, architectures, ask, read } of federations) {
    const { splits, task } = workplace;
    if (splits.validation.size === 0) return federations[0]!.seed;
    const outputs = await ask(await model(architectures[place]!), await read(reference), splits.validation);
    const { name, higherIsBetter } = task.headline;
    scores.push((higherIsBetter ? 1 : -1) * task.metrics(outputs, splits.validation, null)[name]!);
  }
  return federations[scores.indexOf(Math.max(...scores))]!.seed;
}
