import { z } from 'zod';
import { layerMapNames } from '../models/shrink/layer-maps.ts';
import { wordWeightings } from '../models/static-embeddings/static-embeddings.ts';

const fromTeacher = z.strictObject({
  from: z.literal('teacher'),
  layers: z
    .union([z.enum(layerMapNames), z.array(z.int().min(0)).min(1)])
    .default('every-other')
    .describe("Which of the teacher's layers each layer of the student starts from: a map by name, or their numbers from 0"),
  importance: z
    .enum(['activations', 'weights'])
    .default('activations')
    .describe(
      'Where the student is narrower, what decides which channels, heads and units stay: how large they are on examples (Minitron), or their weights',
    ),
  examples: z.int().min(1).default(512).describe('Examples of the train split that are looked at for that'),
});

const fromVocabulary = z.strictObject({
  from: z.literal('vocabulary'),
  tap: z
    .string()
    .min(1)
    .default('embedding')
    .describe('What of the teacher stands for a word: a role or tensor, one vector each'),
  weighting: z
    .enum(wordWeightings)
    .default('sif')
    .describe('How much words count: sif: a / (a + frequency); zipf: log(1 + rank); none: alike'),
});

/** Where the weights of a student come from. */
export const initialiseSchema = z.discriminatedUnion('from', [fromTeacher, fromVocabulary]);
export type InitialiseOptions = z.output<typeof initialiseSchema>;
