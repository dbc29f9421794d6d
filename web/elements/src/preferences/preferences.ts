// <campanile-preferences>: what reaches the user, through which channel, how often and when. Each change is saved as
// it is made, shown at once and taken back where the server says no.

import type { PreferenceChoices, Preferences, QuietHours } from "@campanile/client";
import { html, unsafeCSS, type PropertyDeclarations, type TemplateResult } from "lit";
import { AskingElement } from "../kit/asking.js";
import { boundary } from "../kit/boundary.js";
import { Faults } from "../kit/faults.js";
import { Queue } from "../kit/queue.js";
import type { Layer } from "../kit/resource.js";
import { Saved } from "../kit/saved.js";
import { PAGE_STYLES } from "../kit/styles.js";
import { toastTemplate } from "../kit/toast.js";
import { appsSection, categoriesSection, channelsSection } from "./channels.js";
import { appPatch, categoryPatch, cellPatch, channelPatch, workflowPatch, type Patch } from "./document.js";
import { ENGLISH, type PreferenceLabels } from "./labels.js";
import { matrixSection } from "./matrix.js";
import preferenceStyles from "./preferences.css?inline";
import { quietSection } from "./quiet.js";
import { writeFrequency } from "./times.js";
import type { PreferenceView } from "./view.js";

export class CampanilePreferences extends AskingElement<PreferenceLabels> {
  static override styles = [...PAGE_STYLES, unsafeCSS(preferenceStyles)];
  static override properties: PropertyDeclarations = {
    faults: { state: true },
    wanted: { state: true },
  };

  /** What the server said of the quiet hours as they stand in the fields. */
  declare private faults: Faults;
  /** Quiet hours that were refused: they stay in the fields, to be mended. */
  declare private wanted: QuietHours | null;

  protected readonly main = this.resource<PreferenceChoices>();
  /** What the user has said so far: new words are written with regard to it. */
  #document: Preferences = {};
  readonly #queue = new Queue();
  readonly #saved = new Saved(this);

  constructor() {
    super();
    this.faults = Faults.none();
    this.wanted = null;
  }

  protected get english(): PreferenceLabels {
    return ENGLISH;
  }

  protected load(): void {
    const me = this.me!;
    void this.main.load(async () => {
      const [choices, document] = await Promise.all([me.preferences.choices(), me.preferences.get()]);
      if (me === this.me) this.#document = document;
      return choices;
    });
  }

  protected forget(): void {
    this.#document = {};
    this.faults = Faults.none();
    this.wanted = null;
  }

  protected override render(): TemplateResult {
    const { words } = this;
    return html`<div class="frame" part="frame">
        <div class="top" part="header">
          <div>
            <h2 id="title" part="title" tabindex="-1">${words.title}</h2>
            <p class="muted" part="intro">${words.intro}</p>
          </div>
          ${this.#saved.template(words.saved)}
        </div>
        ${boundary({
          resource: this.main,
          words,
          retry: () => this.load(),
          show: (choices) => this.#sections(this.#view(choices)),
        })}
      </div>
      ${toastTemplate(this.toast.shown, words.undo, {
        undo: () => {},
        holdToast: (hold) => this.toast.hold(hold),
      })}`;
  }

  #sections(view: PreferenceView): TemplateResult {
    return html`${channelsSection(view)} ${matrixSection(view)} ${categoriesSection(view)}
    ${quietSection(view)} ${appsSection(view)}`;
  }

  #view(choices: PreferenceChoices): PreferenceView {
    return {
      choices: this.wanted ? { ...choices, quiet_hours: this.wanted } : choices,
      words: this.words,
      locale: this.language,
      faults: this.faults,
      setChannel: (channel, on) => this.#setChannel(channel, on),
      setCell: (workflow, channel, on) => this.#setCell(workflow, channel, on),
      setWorkflow: (workflow, on) => this.#setWorkflow(workflow, on),
      setCategory: (category, on) =>
        void this.#change(
          (document) => categoryPatch(document, category, on),
          (shown) => ({
            ...shown,
            categories: switched(shown.categories, ({ name }) => name === category, on),
          }),
        ),
      setApp: (uid, on) =>
        void this.#change(
          () => appPatch(uid, on),
          (shown) => ({ ...shown, apps: switched(shown.apps, (app) => app.uid === uid, on) }),
        ),
      setDigest: (channel, frequency) => {
        const text = writeFrequency(frequency);
        void this.#change(
          () => ({ digest: { [channel]: text } }),
          (shown) => ({ ...shown, digest: { ...shown.digest, [channel]: text } }),
        );
      },
      setQuiet: (quiet) => void this.#setQuiet(quiet),
    };
  }

  #setChannel(channel: string, on: boolean): void {
    void this.#change(
      (document) => channelPatch(document, channel, on),
      (shown) => ({
        ...shown,
        channels: switched(shown.channels, (one) => one.channel === channel, on),
        // What turning it on brings back follows from much else: the server says.
        workflows: on ? shown.workflows : cells(shown, (_, one) => one === channel, false),
      }),
    );
  }

  #setCell(workflow: string, channel: string, on: boolean): void {
    void this.#change(
      (document) => cellPatch(document, workflow, channel, on),
      (shown) => ({
        ...shown,
        workflows: cells(shown, (key, one) => key === workflow && one === channel, on),
      }),
    );
  }

  #setWorkflow(workflow: string, on: boolean): void {
    void this.#change(
      () => workflowPatch(workflow, on),
      (shown) => ({ ...shown, workflows: cells(shown, (key) => key === workflow, on) }),
    );
  }

  async #setQuiet(quiet: QuietHours): Promise<void> {
    this.wanted = quiet;
    this.faults = Faults.none();
    const problem = await this.#save(
      () => ({ quiet_hours: { zone: null, gather: null, ...quiet } }),
      (shown) => ({ ...shown, quiet_hours: quiet }),
    );
    // Another change of them came after: what follows is about that one.
    if (this.wanted !== quiet) return;
    const faults = Faults.of(problem);
    if (faults) this.faults = faults;
    else this.wanted = null;
    if (problem && !faults) this.failed(problem);
  }

  async #change(patch: (document: Preferences) => Patch, layer: Layer<PreferenceChoices>): Promise<void> {
    const problem = await this.#save(patch, layer);
    if (problem) this.failed(problem);
  }

  /** Shows a change and saves it, after those before it; gives the error if there was one. */
  async #save(patch: (document: Preferences) => Patch, layer: Layer<PreferenceChoices>): Promise<unknown> {
    const { me, main } = this;
    if (!me) return null;
    main.lay(layer);
    try {
      const { value, last } = await this.#queue.run("", async () => {
        const document = await me.preferences.patch(patch(this.#document));
        if (me === this.me) this.#document = document;
        return document;
      });
      if (me !== this.me) return null;
      main.keep(layer);
      this.#saved.say();
      this.tell("campanile-change", { preferences: value });
      // A setting may move others: what holds now is the server's to say.
      if (last) void main.load(() => me.preferences.choices());
      return null;
    } catch (error) {
      main.lift(layer);
      return error;
    }
  }
}

function switched<T extends { on: boolean; fixed: boolean }>(
  rows: T[],
  mine: (row: T) => boolean,
  on: boolean,
): T[] {
  return rows.map((row) => (mine(row) && !row.fixed ? { ...row, on } : row));
}

function cells(
  { workflows }: PreferenceChoices,
  mine: (workflow: string, channel: string) => boolean,
  on: boolean,
): PreferenceChoices["workflows"] {
  return workflows.map((workflow) => ({
    ...workflow,
    channels: switched(workflow.channels, ({ channel }) => mine(workflow.key, channel), on),
  }));
}
