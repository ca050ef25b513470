#!/usr/bin/env node
import { performance } from 'node:perf_hooks';
import type { Io } from './io.ts';
import { main } from './main.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  clock: () => performance.now(),
  onInterrupt(listener) {
    for (const signal of signals) process.on(signal, listener);
    return () => {
      for (const signal of signals) process.off(signal, listener);
    };
  },
  leave: (code) => process.exit(code),
};

// A reader that has seen enough (`potstill methods | head`) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2), io);
