import { GraphError } from '../graph/error.ts';
import { type Dim, type Shape, showShape } from '../graph/type.ts';

/** The shape two operands have together (ONNX's multidirectional broadcasting); a named dimension goes with itself and with 1. */
export function broadcast(a: Shape, b: Shape, where: string): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new GraphError('shape-mismatch', `${where}: ${showShape(a)} and ${showShape(b)} do not broadcast`);
  });
}
