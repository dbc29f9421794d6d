// The real binary, for the end-to-end tests: started on a free port with data of its own, stopped as an operator would.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Campanile } from "@campanile/client";

const TARGET = fileURLToPath(new URL("../../target", import.meta.url));
const READY_WITHIN = 30_000;
const STOPPED_WITHIN = 20_000;

/** The server's binary: the one in CAMPANILE_BIN, else the newer of the release and the debug build. */
export function findBinary(): string {
  const wanted = process.env["CAMPANILE_BIN"];
  if (wanted) return wanted;
  const built = ["release", "debug"]
    .map((profile) => join(TARGET, profile, "campanile"))
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? [{ path, time: stat.mtimeMs }] : [];
    })
    .sort((a, b) => b.time - a.time);
  if (built[0]) return built[0].path;
  throw new Error(
    "The end-to-end tests need the server: run `make release` or `cargo build -p campanile`, or name a binary in CAMPANILE_BIN",
  );
}

export interface ServerOptions {
  demo?: boolean;
  /** `CAMPANILE__SECTION__KEY` and others. */
  env?: Record<string, string>;
}

export class RealServer {
  readonly key = `sk_${randomBytes(20).toString("hex")}`;
  url = "";
  readonly #data = mkdtempSync(join(tmpdir(), "campanile-e2e-"));
  readonly #options: ServerOptions;
  #process: ChildProcess | null = null;
  #log = "";

  constructor(options: ServerOptions = {}) {
    this.#options = options;
  }

  static async start(options: ServerOptions = {}): Promise<RealServer> {
    const server = new RealServer(options);
    await server.start();
    return server;
  }

  /** Speaks with the environment's key, for one application. */
  client(app = "shop", url = this.url): Campanile {
    return new Campanile({ url, key: this.key, app });
  }

  /** A link that signs the operator in to the console, as `campanile login` prints it. */
  signInLink(): string {
    const args = ["login", "--data", this.#data, "--listen", new URL(this.url).host];
    return execFileSync(findBinary(), args, { encoding: "utf8" }).trim();
  }

  /** Starts on the same data; on the port it had before unless told otherwise. */
  async start(port = Number(new URL(this.url || "http://x:0").port)): Promise<void> {
    const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data", this.#data];
    args.push("--egress-allow", "127.0.0.0/8");
    if (this.#options.demo) args.push("--demo");
    const child = spawn(findBinary(), args, {
      env: { ...process.env, ...this.#options.env, CAMPANILE_BOOTSTRAP_KEY: this.key },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    child.stderr!.on("data", (chunk: Buffer) => (this.#log = (this.#log + chunk.toString()).slice(-20_000)));
    this.url = await this.#ready(child);
  }

  /** As SIGTERM does: takes nothing new, finishes, ends. Fails when it does not end well. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const late = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN);
    child.kill("SIGTERM");
    const code = await ended;
    clearTimeout(late);
    if (code !== 0) throw new Error(`The server ended with ${code ?? "a signal"}:\n${this.#log}`);
  }

  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.#data, { recursive: true, force: true });
    }
  }

  #ready(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}:\n${this.#log}`));
      const late = setTimeout(() => fail("The server did not get ready"), READY_WITHIN);
      child.once("error", reject);
      child.once("exit", (code) => fail(`The server ended with ${code} before it was ready`));
      createInterface({ input: child.stdout! }).on("line", (line) => {
        if (!line.startsWith("ready ")) return;
        clearTimeout(late);
        child.removeAllListeners("exit");
        resolve(line.slice("ready ".length).trim());
      });
    });
  }
}
