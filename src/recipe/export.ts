import { z } from 'zod';

const keep = z
  .array(z.string().min(1))
  .default([])
  .describe('Nodes that stay in float32, by name; * stands for any characters (potstill inspect lists them)');

/** An option that `true` switches on with all defaults. */
const switched = <S extends z.ZodObject>(options: S, usual: boolean) =>
  z
    .union([z.boolean(), options])
    .default(usual)
    .transform((given): z.output<S> | false =>
      given === true ? (options.parse({}) as z.output<S>) : (given as z.output<S> | false),
    );

const int8 = z.strictObject({
  keep,
  keepEnds: z.boolean().default(false).describe('Leave the first and the last layer with weights in float32'),
  products: z.boolean().default(false).describe('Compute products of two activations (attention) in 8 bits too; seldom a gain'),
  examples: z.int().min(1).default(256).describe('Examples of the train split that ranges of activations are measured on'),
});
const fp16 = z.strictObject({ keep });

/** In which types a student is delivered beside float32. */
export const exportSchema = z.strictObject({
  int8: switched(int8, true).describe('Also write model_quantized.onnx, which transformers.js loads in a browser; false: do not'),
  fp16: switched(fp16, false).describe('Also write model_fp16.onnx: half the size; faster on GPUs, not on processors'),
});
export type ExportOptions = z.output<typeof exportSchema>;
