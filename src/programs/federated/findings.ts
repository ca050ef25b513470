import type { Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { spreadOf } from '../../run/verdict.ts';
import { type Comparison, compare, told, unitOf } from '../findings.ts';
import type { Cell, Findings, Series, Table } from '../record.ts';
import type { Followed } from './follow.ts';
import { mainOf, methods } from './methods.ts';
import type { FederatedOptions, MethodName } from './options.ts';
import type { RoundRecord } from './round.ts';

interface Facts {
  readonly headline: Headline;
  /** Names of the architectures. */
  readonly models: readonly string[];
  readonly followed: readonly Pick<Followed, 'method' | 'rounds'>[];
  /** Examples that the server distils on. */
  readonly shown: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** A number of a round, or null where a round has none. */
type Of = (round: RoundRecord) => number | null;
const ofServers: Of = ({ servers }) => mean(servers);
const ofAverages: Of = ({ averages }) => mean(averages);
const ofClients: Of = ({ clients }) => (clients.length > 0 ? mean(clients.map((c) => c.value)) : null);
const ofEnsemble: Of = ({ ensemble }) => ensemble;

/** What came of all rounds, methods and seeds. */
export function findings(o: FederatedOptions, facts: Facts): Findings {
  const { headline, models } = facts;
  const unit = unitOf(headline.name);
  const spread = (name: MethodName, round: number, of: Of): Spread | null => {
    const values = seedsOf(facts, name).map((rounds) => of(rounds[round]!));
    return values.every((v) => v !== null) ? spreadOf(values as number[]) : null;
  };
  const last = o.rounds - 1;
  const end = (name: MethodName): Spread => spread(name, last, ofServers)!;
  const main = mainOf(o.methods);
  const others = o.methods.filter((name) => name !== main);
  const traffic = trafficOf(facts, main);
  const several = models.length > 1;
  return {
    sentence: [
      `After ${o.rounds} ${o.rounds === 1 ? 'round' : 'rounds'} ${headline.name}${several ? `, the mean over ${models.length} architectures,` : ''} is ${told(headline.name, end(main).mean)} with ${methods[main].name}`,
      ...others.map((name) =>
        judged(compare(headline, end(main), end(name)), `${methods[name].name}${several ? ' within architectures' : ''}`),
      ),
    ]
      .join('; ')
      .concat('.'),
    figures: [
      ...[main, ...others].map((name) => ({ value: end(name), unit, words: `${methods[name].name}, after the last round` })),
      { value: traffic.down + traffic.up, unit: 'bytes' as const, words: `exchanged a round, ${methods[main].name}` },
    ],
    tables: [endTable(o, facts, end, spread), roundTable(o, facts, spread), ...(several ? [modelTable(o, facts)] : [])],
    charts: [
      {
        title: `Test ${headline.name} by round`,
        ...(several && { note: 'Mean over the architectures.' }),
        x: { label: 'round', unit: 'number' },
        y: { label: headline.name, unit },
        series: [main, ...others].map(
          (name): Series => ({
            name: methods[name].name,
            ...(!methods[name].distils && { style: 'control' }),
            points: Array.from({ length: o.rounds }, (_, r) => spread(name, r, ofServers)!).map((y, r) => ({
              x: r + 1,
              y: y.mean,
              spread: y.spread,
            })),
          }),
        ),
      },
    ],
  };
}

const seedsOf = ({ followed }: Facts, name: MethodName) =>
  followed.filter(({ method }) => method === name).map(({ rounds }) => rounds);

/** How far it is from another method, and what that is worth. */
function judged({ words, better }: Comparison, from: string): string {
  const worth = better === null ? ', which may be chance' : better ? '' : ', which does better';
  return `${words} from ${from}${worth}`;
}

/** Bytes of a round to clients and back, means over rounds and seeds. */
function trafficOf(facts: Facts, name: MethodName) {
  const rounds = seedsOf(facts, name).flat();
  return { down: mean(rounds.map((r) => r.down)), up: mean(rounds.map((r) => r.up)) };
}

type SpreadAt = (name: MethodName, round: number, of: Of) => Spread | null;

function endTable(o: FederatedOptions, facts: Facts, end: (name: MethodName) => Spread, spread: SpreadAt): Table {
  const unit = unitOf(facts.headline.name);
  const last = o.rounds - 1;
  const several = facts.models.length > 1;
  const rowOf = (name: MethodName): Table['rows'][number] => {
    const { down, up } = trafficOf(facts, name);
    const cells: Cell[] = [
      end(name),
      spread(name, last, ofAverages),
      spread(name, last, ofClients),
      spread(name, last, ofEnsemble),
      down,
      up,
      (down + up) * o.rounds,
    ];
    const averaged = several && !methods[name].distils ? ', within each architecture' : '';
    return { name: `${methods[name].name}${averaged}`, cells, control: !methods[name].distils };
  };
  const impossible = {
    name: 'FedAvg over all clients',
    cells: ['cannot run', null, null, null, null, null, null],
    control: true,
  };
  const sent = o.methods.map((name) => methods[name].sends(o)).includes('logits');
  return {
    title: 'At the end, measured on the test split',
    note: [
      'Clients alone: what those of the last round had before anything was averaged, the mean of them; together: the mean of their logits. Bytes are those of weights or logits as float32, means over rounds; what arrives late counts where it arrives, and what a client that never reports was sent counts too.',
      ...(sent ? ['Clients need the examples of the server to say logits of; sending those is not counted.'] : []),
      ...(several
        ? [
            'Weights of unlike architectures have no mean: plain FedAvg cannot run. Each server model is averaged over the clients of its architecture; FedDF distils it from all of them. Numbers are means over architectures.',
          ]
        : []),
      ...(facts.shown > 0 ? [`FedDF distils on ${facts.shown} examples without labels.`] : []),
    ].join(' '),
    columns: [
      { title: facts.headline.name, unit },
      { title: 'before distillation', unit },
      { title: 'clients alone', unit },
      { title: 'clients together', unit },
      { title: 'down a round', unit: 'bytes' },
      { title: 'up a round', unit: 'bytes' },
      { title: 'in all', unit: 'bytes' },
    ],
    rows: [...o.methods.map(rowOf), ...(several ? [impossible] : [])],
  };
}

function roundTable(o: FederatedOptions, facts: Facts, spread: SpreadAt): Table {
  const unit = unitOf(facts.headline.name);
  const distilling = o.methods.filter((name) => methods[name].distils);
  const columns: readonly { readonly title: string; readonly name: MethodName; readonly of: Of }[] = [
    ...o.methods.map((name) => ({ title: methods[name].name, name, of: ofServers })),
    ...distilling.flatMap((name) => [
      { title: `${methods[name].name} before distillation`, name, of: ofAverages },
      { title: `its clients together`, name, of: ofEnsemble },
    ]),
    ...o.methods.map((name) => ({ title: `${methods[name].name}: clients alone`, name, of: ofClients })),
  ];
  // Who takes part is the same for all methods, but for who is left out.
  const rounds = (r: number) => seedsOf(facts, o.methods[0]!).map((all) => all[r]!);
  const usual = o.dropout === 0 && o.late === 0;
  return {
    title: `After each round: ${facts.headline.name} on the test split`,
    ...(o.dropWorst && { note: 'Clients that are no better than chance on validation are left out.' }),
    columns: [
      ...columns.map(({ title }) => ({ title, unit })),
      ...(usual ? [] : (['reported', 'of them late'] as const).map((title) => ({ title, unit: 'number' as const }))),
    ],
    rows: Array.from({ length: o.rounds }, (_, r) => ({
      name: `round ${r + 1}`,
      cells: [
        ...columns.map(({ name, of }) => spread(name, r, of)),
        ...(usual ? [] : [mean(rounds(r).map((x) => x.reported)), mean(rounds(r).map((x) => x.late))]),
      ],
    })),
  };
}

function modelTable(o: FederatedOptions, facts: Facts): Table {
  const unit = unitOf(facts.headline.name);
  const at = (name: MethodName, place: number): Spread =>
    spreadOf(seedsOf(facts, name).map((rounds) => rounds.at(-1)!.servers[place]!));
  return {
    title: 'Server models of each architecture, after the last round',
    columns: o.methods.map((name) => ({ title: methods[name].name, unit })),
    rows: facts.models.map((model, place) => ({ name: model, cells: o.methods.map((name) => at(name, place)) })),
  };
}
