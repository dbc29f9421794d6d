// What stands behind the question mark: plain words, so that an address can be read, typed and sent to somebody.

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value as string));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** Takes these words of an address and leaves all others. */
export function only<N extends string>(
  ...names: N[]
): (raw: Record<string, unknown>) => { [K in N]?: string | undefined } {
  return (raw) => {
    const kept: { [K in N]?: string | undefined } = {};
    for (const name of names) {
      const value = raw[name];
      if (value !== undefined && value !== null && value !== "") kept[name] = String(value as string);
    }
    return kept;
  };
}
