// <campanile-channels>: the channels that a tenant's admins set up, and for which events each of them is.

import type { ChannelConfig, ChannelConfigChanges, ConfigChannel, ConfigChoices } from "@campanile/client";
import { html, nothing, unsafeCSS, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { AskingElement } from "../kit/asking.js";
import { boundary, stateTemplate } from "../kit/boundary.js";
import { dialogTemplate } from "../kit/dialog.js";
import { drawing } from "../kit/drawing.js";
import { Faults } from "../kit/faults.js";
import { BELL, PLUS } from "../kit/glyphs.js";
import { Menu } from "../kit/menu.js";
import { Queue } from "../kit/queue.js";
import { PAGE_STYLES } from "../kit/styles.js";
import { toastTemplate } from "../kit/toast.js";
import { fill } from "../kit/words.js";
import { cardTemplate, ICONS, nameOf, placeOf } from "./card.js";
import channelStyles from "./channels.css?inline";
import { destination, formTemplate, isEmail, type Draft } from "./form.js";
import { ENGLISH, type ChannelLabels } from "./labels.js";

interface Loaded {
  configs: ChannelConfig[];
  choices: ConfigChoices;
}

export class CampanileChannels extends AskingElement<ChannelLabels> {
  static override styles = [...PAGE_STYLES, unsafeCSS(channelStyles)];
  static override properties: PropertyDeclarations = {
    readonly: { type: Boolean, reflect: true },
    draft: { state: true },
    removing: { state: true },
    testing: { state: true },
  };

  /** Shows what there is and offers no change. */
  declare readonly: boolean;
  declare private draft: Draft | null;
  declare private removing: ChannelConfig | null;
  declare private testing: string | null;

  protected readonly main = this.resource<Loaded>();
  readonly #menu = new Menu(this);
  readonly #queue = new Queue();

  constructor() {
    super();
    this.readonly = false;
    this.draft = this.removing = this.testing = null;
  }

  protected get english(): ChannelLabels {
    return ENGLISH;
  }

  protected load(): void {
    const me = this.me!;
    void this.main.load(async () => {
      const [configs, choices] = await Promise.all([me.configs.list(), me.configs.choices()]);
      return { configs, choices };
    });
  }

  protected forget(): void {
    this.draft = this.removing = this.testing = null;
  }

  protected override render(): TemplateResult {
    const { words } = this;
    const { value } = this.main;
    // Not beside the form that it opens.
    const offers = value && value.configs.length > 0 && !this.readonly && this.draft?.id !== null;
    return html`<div class="frame" part="frame">
        <div class="top" part="header">
          <div>
            <h2 id="title" part="title" tabindex="-1">${words.title}</h2>
            <p class="muted" part="intro">${words.intro}</p>
          </div>
          ${offers ? this.#addMenu(value.choices) : nothing}
        </div>
        ${boundary({
          resource: this.main,
          words,
          retry: () => this.load(),
          show: (loaded) => this.#list(loaded),
        })}
      </div>
      ${this.removing ? this.#removeDialog(this.removing) : nothing}
      ${toastTemplate(this.toast.shown, words.undo, {
        undo: () => {},
        holdToast: (hold) => this.toast.hold(hold),
      })}`;
  }

  #list({ configs, choices }: Loaded): TemplateResult {
    const { words, draft } = this;
    const adding = draft?.id === null;
    if (configs.length === 0 && !adding) return this.#empty(choices);
    return html`<ul class="stack" part="list" role="list" aria-labelledby="title">
      ${
        adding
          ? html`<li class="card channel new" part="card card-new">
              <div class="channel-head">
                <span class="channel-icon ${draft.channel}">${drawing(ICONS[draft.channel])}</span>
                <h3>${fill(words.addTitle, { channel: nameOf(draft.channel, choices.channels, words) })}</h3>
              </div>
              ${this.#form(draft, choices)}
            </li>`
          : nothing
      }
      ${repeat(
        configs,
        (config) => config.id,
        (config) => this.#card(config, choices),
      )}
    </ul>`;
  }

  #card(config: ChannelConfig, choices: ConfigChoices): TemplateResult {
    const { draft } = this;
    return cardTemplate(config, {
      words: this.words,
      events: choices.events,
      choices: choices.channels,
      readonly: this.readonly,
      testing: this.testing,
      form: draft?.id === config.id ? this.#form(draft, choices) : null,
      toggle: (on) => void this.#change(config, { is_active: on }),
      toggleEvent: (event, on) => this.#toggleEvent(config.id, event, on),
      test: () => void this.#test(config),
      edit: () => this.#edit(config),
      remove: () => (this.removing = config),
    });
  }

  #form(draft: Draft, choices: ConfigChoices): TemplateResult {
    return formTemplate({
      draft,
      events: choices.events,
      words: this.words,
      change: (changes) => (this.draft = { ...this.draft!, ...changes }),
      submit: () => void this.#submit(),
      cancel: () => this.#leaveForm(),
    });
  }

  #empty(choices: ConfigChoices): TemplateResult {
    const { words } = this;
    return html`<slot name="empty"
      >${stateTemplate(
        "empty",
        BELL,
        words.emptyTitle,
        words.emptyBody,
        this.readonly ? nothing : this.#addMenu(choices),
      )}</slot
    >`;
  }

  #addMenu({ channels }: ConfigChoices): TemplateResult {
    const { words } = this;
    const hints: Record<ConfigChannel, string> = {
      email: words.emailHint,
      slack_webhook: words.slackHint,
      teams_webhook: words.teamsHint,
    };
    return this.#menu.template({
      id: "add",
      label: words.add,
      face: html`${drawing(PLUS)}${words.add}`,
      kind: "button primary",
      items: channels.map(({ channel, label, available, reason }) => ({
        label,
        icon: ICONS[channel],
        note: available ? hints[channel] : (reason ?? words.unavailable),
        disabled: !available,
        choose: () => this.#open({ id: null, channel, text: "" }),
      })),
    });
  }

  #removeDialog(config: ChannelConfig): TemplateResult {
    const { words } = this;
    const channel = nameOf(config.channel, this.main.value?.choices.channels ?? [], words);
    return dialogTemplate({
      title: fill(words.deleteTitle, { channel }),
      body: html`<p>${fill(words.deleteBody, { name: placeOf(config) || channel })}</p>`,
      leave: words.cancel,
      actions: html`<button
        class="button danger"
        part="button button-danger"
        type="button"
        @click=${() => void this.#remove(config)}
      >
        ${words.delete}
      </button>`,
      closed: () => (this.removing = null),
    });
  }

  #open(draft: Pick<Draft, "id" | "channel" | "text">): void {
    this.draft = { ...draft, events: {}, faults: Faults.none(), busy: false };
    void this.focusOn("#destination");
  }

  #edit(config: ChannelConfig): void {
    const text = isEmail(config.channel) ? config.email_addresses.join(", ") : (config.webhook_url ?? "");
    this.#open({ id: config.id, channel: config.channel, text });
  }

  #leaveForm(): void {
    const id = this.draft?.id;
    this.draft = null;
    void this.focusOn(id ? `[data-id="${id}"] [part~=edit]` : "#menu-button-add");
  }

  async #submit(): Promise<void> {
    const { draft, me } = this;
    if (!draft || !me) return;
    this.draft = { ...draft, busy: true, faults: Faults.none() };
    const body = destination(draft.channel, draft.text);
    try {
      if (draft.id === null) await this.#create({ ...body, ...this.#chosenEvents(draft) }, draft.channel);
      else this.#put(await me.configs.update(draft.id, body), "changed");
      this.#leaveForm();
    } catch (error) {
      const faults = Faults.of(error);
      if (!faults) this.failed(error);
      if (this.draft) this.draft = { ...this.draft, busy: false, faults: faults ?? Faults.none() };
      void this.focusOn("#destination");
    }
  }

  /** Absent where nothing was turned off: then it is for every event, also for those to come. */
  #chosenEvents({ events }: Draft): object {
    if (!Object.values(events).includes(false)) return {};
    const all = this.main.value?.choices.events ?? [];
    return { events_enabled: Object.fromEntries(all.map(({ event }) => [event, events[event] ?? true])) };
  }

  async #create(body: object, channel: ConfigChannel): Promise<void> {
    const config = await this.me!.configs.create({ ...body, channel });
    this.main.update((loaded) => ({ ...loaded, configs: [...loaded.configs, config] }));
    this.toast.say(this.words.created, null, "good");
    this.tell("campanile-change", { action: "created", config });
  }

  #toggleEvent(id: string, event: string, on: boolean): void {
    const { configs = [], choices } = this.main.value ?? {};
    const config = configs.find((one) => one.id === id);
    if (!config || !choices) return;
    // All there are and no others: the server takes no event that it does not know.
    const enabled = choices.events.map(({ event: name }) => [name, config.events_enabled[name] ?? false]);
    void this.#change(config, { events_enabled: { ...Object.fromEntries(enabled), [event]: on } });
  }

  /** Shows the change at once; a refusal takes it back. */
  async #change(config: ChannelConfig, changes: ChannelConfigChanges): Promise<void> {
    const { me } = this;
    if (!me) return;
    const layer = replacing(config.id, (one) => ({ ...one, ...changes }));
    this.main.lay(layer);
    try {
      const { value } = await this.#queue.run(config.id, () => me.configs.update(config.id, changes));
      this.main.lift(layer);
      this.#put(value, "changed");
    } catch (error) {
      this.main.lift(layer);
      this.failed(error);
    }
  }

  #put(config: ChannelConfig, action: string): void {
    this.main.update(replacing(config.id, () => config));
    this.tell("campanile-change", { action, config });
  }

  async #test(config: ChannelConfig): Promise<void> {
    this.testing = config.id;
    await this.attempt(async () => {
      const { success, message } = await this.me!.configs.test(config.id);
      this.toast.say(message, null, success ? "good" : "bad");
      this.tell("campanile-test", { config, success, message });
    });
    this.testing = null;
  }

  async #remove(config: ChannelConfig): Promise<void> {
    this.closeDialog();
    const gone = await this.attempt(() => this.me!.configs.delete(config.id));
    if (!gone) return;
    this.main.update((loaded) => ({
      ...loaded,
      configs: loaded.configs.filter(({ id }) => id !== config.id),
    }));
    this.toast.say(this.words.deleted, null, "good");
    this.tell("campanile-change", { action: "deleted", config });
    // Its buttons are gone, and the keyboard must not be.
    void this.focusOn("#title");
  }
}

function replacing(id: string, change: (config: ChannelConfig) => ChannelConfig): (loaded: Loaded) => Loaded {
  return (loaded) => ({
    ...loaded,
    configs: loaded.configs.map((one) => (one.id === id ? change(one) : one)),
  });
}
