/** Input of an exported student for pictures: [batch, channels, height, width], 0…1. transformers.js gives it by this name. */
export const pixelValues = 'pixel_values';

/** Input of an exported student for rows of a table: [batch, columns]. */
export const features = 'features';

/** Output of an exported student: [batch, classes] before the softmax, [batch, targets], or [batch, sequence, classes]. */
export const logits = 'logits';
