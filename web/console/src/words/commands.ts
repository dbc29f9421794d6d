// Commands that pages offer where there is nothing yet, as they can be pasted into a terminal. What has to be put in
// by hand is written in capitals.

const KEY = "CAMPANILE_KEY=sk_…";

export function publishCommand(app = "APPLICATION", type = "hello.world"): string {
  return `${KEY} campanile publish --url ${location.origin} --app ${app} ${type} '{"name": "Ada"}'`;
}

export function applyCommand(): string {
  return `${KEY} campanile apply --url ${location.origin} DIRECTORY`;
}

export function curlCommand(method: string, path: string, body: unknown): string {
  return [
    `curl -X ${method} ${location.origin}/api/v1${path}`,
    `-H "Authorization: Bearer sk_…"`,
    `-H "Content-Type: application/json"`,
    `-d '${JSON.stringify(body)}'`,
  ].join(" \\\n  ");
}
