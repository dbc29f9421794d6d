// The difference of two texts, line by line: the longest common subsequence, with the ends that are alike left out.

export interface Line {
  kind: "same" | "gone" | "new";
  text: string;
  before: number | null;
  after: number | null;
}

/** Texts longer than this are shown as replaced as a whole; the table would grow with the square of it. */
const MOST = 3_000;

export function difference(before: string, after: string): Line[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end += 1;
  const lines: Line[] = [];
  const same = (i: number, j: number) =>
    lines.push({ kind: "same", text: a[i]!, before: i + 1, after: j + 1 });
  for (let i = 0; i < start; i += 1) same(i, i);
  middle(a.slice(start, a.length - end), b.slice(start, b.length - end), start, lines);
  for (let i = end; i > 0; i -= 1) same(a.length - i, b.length - i);
  return lines;
}

function middle(a: string[], b: string[], offset: number, lines: Line[]): void {
  const gone = (i: number) => lines.push({ kind: "gone", text: a[i]!, before: offset + i + 1, after: null });
  const fresh = (j: number) => lines.push({ kind: "new", text: b[j]!, before: null, after: offset + j + 1 });
  if (a.length > MOST || b.length > MOST) {
    a.forEach((_, i) => gone(i));
    b.forEach((_, j) => fresh(j));
    return;
  }
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      table[i * width + j] =
        a[i] === b[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!);
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i]!, before: offset + i + 1, after: offset + j + 1 });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && table[(i + 1) * width + j]! >= table[i * width + j + 1]!))
      gone(i++);
    else fresh(j++);
  }
}
