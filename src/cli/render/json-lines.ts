import { line, type Screen } from '../io.ts';
import type { Display } from './display.ts';

/** Progress for programs: one event a line. */
export const jsonDisplay = (screen: Screen): Display => ({
  emit: (event) => line(screen, JSON.stringify(event)),
  close: () => {},
});
