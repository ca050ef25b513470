import type { Dataset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { initialise } from '../../models/build.ts';
import { labelsOf } from '../../run/evaluate.ts';
import type { Emit } from '../../run/events.ts';
import { removeFolder } from '../../run/files.ts';
import type { Matrix } from '../../run/metrics.ts';
import { memo } from '../../run/specs.ts';
import type { Tensors } from '../../run/store.ts';
import { type ClientJob, type ClientUpdate, runClientJob, stageOf } from './client-job.ts';
import { arrived, type Cohort, cohortOf } from './cohort.ts';
import { type Distillation, distil, distillationOf, meanLogits } from './distil.ts';
import { examplesOf, type Federation, serverAt, shownExamples } from './federation.ts';
import type { Method } from './methods.ts';
import type { FederatedOptions } from './options.ts';
import { average, bytesOf } from './tensors.ts';

/** What came of a round, measured on the test split by the headline metric; plain JSON. */
export interface RoundRecord {
  /** The server's model of each architecture. */
  readonly servers: readonly number[];
  /** The same before distillation. */
  readonly averages: readonly number[];
  /** Each client that trained, before anything was averaged. */
  readonly clients: readonly { readonly client: number; readonly value: number }[];
  /** The mean of the logits of all that the server had; null where it had nothing. */
  readonly ensemble: number | null;
  readonly asked: number;
  readonly reported: number;
  readonly late: number;
  /** Left out as no better than chance. */
  readonly leftOut: number;
  /** Bytes from the server to clients, and back; what is late counts where it arrives. */
  readonly down: number;
  readonly up: number;
  /** What is under way to the next round. */
  readonly pending: readonly ClientUpdate[];
  /** Length of the history, in bytes. */
  readonly history: number;
}

interface Around {
  readonly o: FederatedOptions;
  readonly method: Method;
  readonly federation: Federation;
  /** Called with the examples that a part of the round has gone over so far, and will in all. */
  readonly tell: Tell;
}

type Tell = (what: string, done: number, total: number) => void;

/** The events of one of many trainings as the progress of what they are a part of; the end is told by who knows it. */
const asProgress = (tell: Tell, what: string, before: number, total: number): Emit => {
  let seen = before;
  return (event) => {
    if (event.type !== 'steps') return;
    seen = Math.min(total - 1, seen + event.examples);
    tell(what, seen, total);
  };
};

/** The models that all begin with. */
export async function beginFederation({ architectures, shape, seed, model, write }: Federation): Promise<void> {
  for (const [place, options] of architectures.entries()) {
    const drawn = initialise(await model(options), shape, (name) => random(seed, `init/${name}`, 0));
    await write(serverAt(0, place), Object.fromEntries(drawn));
  }
}

/** One round: from the server's models to clients, and from what they send to the server's next models. */
export async function runRound(around: Around, round: number, before: readonly ClientUpdate[]): Promise<RoundRecord> {
  const { o, method, federation } = around;
  const { architectures, architectureOf, workplace, read } = federation;
  const { test } = workplace.splits;
  const cohort = cohortOf(o, federation.seed, round);
  const updates = await train(around, round, cohort);
  const inTime = updates.filter(({ client }) => !cohort.late.has(client));
  const modelOf = (client: number) => federation.model(architectures[architectureOf(client)]!);
  const sendsWeights = method.sends(o) === 'weights';
  const onTest = memo(async (reference: string) => {
    const { client } = [...updates, ...before].find((u) => u.own === reference || u.weights === reference)!;
    return federation.ask(await modelOf(client), await read(reference), test);
  });
  const clients: { client: number; value: number }[] = [];
  for (const { client, own } of updates) clients.push({ client, value: scoreOf(around, await onTest(own), test) });

  const all = arrived(inTime, before);
  const used = o.dropWorst ? await aboveChance(around, all) : all;
  const started: Tensors[] = [];
  for (const place of architectures.keys()) {
    const theirs = sendsWeights ? used.filter(({ client }) => architectureOf(client) === place) : [];
    const sent: { weights: Tensors; examples: number }[] = [];
    for (const { weights, examples } of theirs) sent.push({ weights: await read(weights), examples });
    started.push(sent.length > 0 ? average(sent) : await read(serverAt(round - 1, place)));
  }
  const together: Matrix[] = [];
  for (const { own, weights } of used) together.push(await onTest(sendsWeights ? weights : own));
  const servers: Tensors[] = [];
  const taught = method.distils && used.length > 0 ? await spoken(around, used) : null;
  for (const [architecture, from] of started.entries())
    servers.push(taught ? await distilled(around, { round, architecture, from, logits: taught }) : from);
  for (const [place, weights] of servers.entries()) await federation.write(serverAt(round, place), weights);

  const scored = async (models: readonly Tensors[]): Promise<number[]> => {
    const values: number[] = [];
    for (const [place, weights] of models.entries())
      values.push(scoreOf(around, await federation.ask(await federation.model(architectures[place]!), weights, test), test));
    return values;
  };
  const averages = await scored(started);
  const bytes = started.map(bytesOf);
  return {
    servers: taught ? await scored(servers) : averages,
    averages,
    clients,
    ensemble: together.length > 0 ? scoreOf(around, meanLogits(together), test) : null,
    asked: cohort.asked.length,
    reported: cohort.reporting.length,
    late: cohort.late.size,
    leftOut: all.length - used.length,
    down: cohort.asked.reduce((n, client) => n + bytes[architectureOf(client)]!, 0),
    up: [...inTime, ...before].reduce((n, u) => n + u.bytes, 0),
    pending: updates.filter(({ client }) => cohort.late.has(client)),
    history: workplace.store.historyBytes(),
  };
}

const scoreOf = ({ federation: { workplace } }: Around, outputs: Matrix, set: Dataset): number =>
  workplace.task.metrics(outputs, set, null)[workplace.task.headline.name]!;

/** Seeds of the trainings of clients, none twice; the first client of the first round has that of the federation. */
const seedOf = ({ o, federation }: Pick<Around, 'o' | 'federation'>, round: number, client: number): number =>
  federation.seed + 1000 * ((round - 1) * o.clients + client);

/** The jobs of a round, one after another. */
async function train(around: Around, round: number, { reporting }: Cohort): Promise<readonly ClientUpdate[]> {
  const { o, method, federation, tell } = around;
  const { architectures, architectureOf, workplace } = federation;
  const { recipe } = workplace;
  const sizes = reporting.map((client) => federation.examples(examplesOf(client)).size * recipe.training.epochs);
  const total = sizes.reduce((a, b) => a + b, 0);
  const updates: ClientUpdate[] = [];
  const what = 'clients';
  let done = 0;
  tell(what, done, total);
  for (const [i, client] of reporting.entries()) {
    const place = architectureOf(client);
    const job: ClientJob = {
      round,
      client,
      seed: seedOf(around, round, client),
      model: architectures[place]!,
      weights: serverAt(round - 1, place),
      examples: examplesOf(client),
      training: method.training(recipe.training, o),
      balance: recipe.balance === 'gradient',
      logitsOn: method.sends(o) === 'logits' ? shownExamples : null,
      noise: o.noise ?? null,
    };
    const emit = asProgress(tell, what, done, total);
    updates.push(await runClientJob(job, { ...federation, context: { ...federation.context, emit } }));
    done += sizes[i]!;
    tell(what, done, total);
  }
  return updates;
}

async function distilled({ o, federation, tell }: Around, distillation: Distillation): Promise<Tensors> {
  const what = `server${federation.architectures.length > 1 ? ` ${distillation.architecture + 1}` : ''}`;
  const total = o.server.epochs * federation.shown!.size;
  tell(what, 0, total);
  const context = { ...federation.context, emit: asProgress(tell, what, 0, total) };
  const weights = await distil(o, { ...federation, context }, distillation);
  tell(what, total, total);
  return weights;
}

/** Those that do better on validation than always saying its most frequent class; all, where none does. */
async function aboveChance(around: Around, updates: readonly ClientUpdate[]): Promise<readonly ClientUpdate[]> {
  const { federation } = around;
  const { validation } = federation.workplace.splits;
  const counts = new Map<number, number>();
  for (const label of labelsOf(validation)) counts.set(label, (counts.get(label) ?? 0) + 1);
  const chance = Math.max(...counts.values()) / validation.size;
  const better: ClientUpdate[] = [];
  for (const update of updates) {
    const model = await federation.model(federation.architectures[federation.architectureOf(update.client)]!);
    const outputs = await federation.ask(model, await federation.read(update.weights), validation);
    if (scoreOf(around, outputs, validation) > chance) better.push(update);
  }
  return better.length > 0 ? better : updates;
}

/** What clients say together of the examples of the server: sent by them, or asked of the weights that they sent. */
async function spoken({ o, method, federation }: Around, updates: readonly ClientUpdate[]): Promise<Matrix> {
  const all: Matrix[] = [];
  for (const { client, weights } of updates) {
    const sent = await federation.read(weights);
    const model = await federation.model(federation.architectures[federation.architectureOf(client)]!);
    const logits = (): Matrix => ({
      data: sent.logits!.data as Float32Array,
      rows: sent.logits!.shape[0]!,
      width: sent.logits!.shape[1]!,
    });
    all.push(method.sends(o) === 'logits' ? logits() : await federation.ask(model, sent, federation.shown!));
  }
  return meanLogits(all);
}

/** Removes what a round that is over has left and nobody needs: its trainings, and what was sent before it. */
export async function tidy(around: Pick<Around, 'o' | 'federation'>, round: number): Promise<void> {
  const { o, federation } = around;
  const { store } = federation.workplace;
  for (const client of cohortOf(o, federation.seed, round).reporting)
    await removeFolder(store.job(`scratch-${seedOf(around, round, client)}-${stageOf({ round, client })}`).folder);
  for (const place of federation.architectures.keys())
    await removeFolder(store.job(`distilled-${federation.seed}-${distillationOf(round, place)}`).folder);
  await removeFolder(store.path('checkpoints', `round-${round - 1}`));
  if (round === o.rounds) await removeFolder(store.path('checkpoints', `round-${round}`, 'clients'));
}
