/** Whether a name fits a pattern in which * stands for any characters. */
export function fits(name: string, glob: string): boolean {
  const parts = glob.split('*');
  const last = parts.length - 1;
  if (last === 0) return name === glob;
  let at = parts[0]!.length;
  const end = name.length - parts[last]!.length;
  if (end < at || !name.startsWith(parts[0]!) || !name.endsWith(parts[last]!)) return false;
  for (const part of parts.slice(1, last)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
