import { z } from 'zod';

/** Factor of a prior in the sum, unless told. */
export const weightOption = z.number().default(1).describe('Factor of this prior in the sum');
