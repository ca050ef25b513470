import { z } from 'zod';
import { layerMapNames } from './shrink/layer-maps.ts';
import { textParts } from './text-inputs.ts';

const name = z.string().min(1);

/** What the inputs of a text model are, by their names. */
export const textInputsSchema = z
  .record(name, z.enum(textParts))
  .describe(`What inputs of a text model are, where their names do not say it: { name: ${textParts.join(' | ')} }`);

/** An ONNX file as a model that is trained on. */
export const importedModel = {
  kind: 'onnx',
  summary: 'An ONNX file, for students: its weights are where training starts, so that without a teacher this is fine-tuning.',
  options: z.strictObject({
    kind: z.literal('onnx'),
    model: name.describe('Path of the ONNX file, or hf:owner/name of the Hugging Face Hub'),
    logits: name
      .optional()
      .describe('Name of the output or inner tensor that holds the logits; by default the only output, or the one called logits'),
    layers: z
      .union([
        z.enum(layerMapNames),
        z.strictObject({ map: z.enum(layerMapNames), count: z.int().min(1) }),
        z.array(z.int().min(0)).min(1),
      ])
      .optional()
      .describe(
        'Which of its layers (hidden.0, …) stay, for a smaller student: half of them by a map, so many as { map, count }, or their numbers',
      ),
    head: z
      .enum(['file', 'new'])
      .default('file')
      .describe('file: the logits are those of the file; new: those of a new linear layer, for other classes'),
    reads: name.optional().describe('Role or tensor that a new head reads, averaged over tokens or places; by default embedding'),
    batchNorm: z
      .enum(['batch', 'running'])
      .default('batch')
      .describe(
        'What batch normalisations go by in training: the statistics of each batch, or the running ones of the file, which then stay',
      ),
    taps: z
      .record(name, name)
      .default({})
      .describe('Roles of inner tensors, such as { hidden.0: layer1.2.out }, where its structure does not show them'),
    inputs: textInputsSchema.optional(),
  }),
} as const;
export type ImportedOptions = z.output<typeof importedModel.options>;
