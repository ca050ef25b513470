import type { Training } from '../../recipe/recipe.ts';
import type { FederatedOptions, MethodName } from './options.ts';

/** What tells the ways of learning together apart. */
export interface Method {
  readonly name: string;
  /** How clients train. */
  readonly training: (training: Training, options: FederatedOptions) => Training;
  /** What clients send. */
  readonly sends: (options: FederatedOptions) => FederatedOptions['send'];
  /** Whether the server goes on from the mean of the weights to what the clients say together. */
  readonly distils: boolean;
}

const asItIs: Method['training'] = (training) => training;

export const methods: Readonly<Record<MethodName, Method>> = {
  fedavg: { name: 'FedAvg', training: asItIs, sends: () => 'weights', distils: false },
  fedprox: {
    name: 'FedProx',
    training: ({ optimizer, ...training }, { prox }) => ({ ...training, optimizer: { ...optimizer, prox: { weight: prox } } }),
    sends: () => 'weights',
    distils: false,
  },
  feddf: { name: 'FedDF', training: asItIs, sends: ({ send }) => send, distils: true },
};

/** The method that it is about: the one that distils, or the last of those that are compared. */
export const mainOf = (compared: readonly MethodName[]): MethodName =>
  compared.find((name) => methods[name].distils) ?? compared.at(-1)!;
