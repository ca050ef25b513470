#!/usr/bin/env node
// npm run build && node scripts/fold-batch-norm.mjs model.onnx folded.onnx
// Puts batch normalisation into the convolutions before it, as most exporters do: what is then left of a teacher for data-free methods.

import { writeFileSync } from 'node:fs';
import { loadModelFile } from '../dist/data/model-file.js';
import { readModel } from '../dist/onnx/decode.js';
import { writeModel } from '../dist/onnx/write-model.js';
import { prepare } from '../dist/quantise/prepare/prepare.js';

const help = `node scripts/fold-batch-norm.mjs model.onnx folded.onnx

Writes a copy of an ONNX file with its batch normalisation folded into the convolutions before it. It computes the same.`;

/** @param {import('../src/onnx/model.ts').Model} model */
const norms = ({ graph }) => graph.nodes.filter((n) => n.op === 'BatchNormalization').length;

/** @param {string[]} args */
function main(args) {
  const [from, to, ...more] = args;
  if (!from || !to || more.length > 0) {
    console.error(`found ${args.length} paths; expected two\n\n${help}`);
    return 2;
  }
  try {
    const { source, bytes, readExternal } = loadModelFile(from);
    const folded = prepare(bytes, { source, readExternal });
    writeFileSync(to, writeModel(folded));
    const [before, after] = [norms(readModel(bytes, { source, readExternal })), norms(folded)];
    console.log(`${to}: ${before - after} of ${before} BatchNormalization nodes folded, ${after} left`);
    return 0;
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
