// <campanile-webhooks>: an application's endpoints, what was delivered to them, and what they can ask for.

import { Me, type Delivery, type FreshWebhook, type Webhook } from "@campanile/client";
import { html, nothing, unsafeCSS, type PropertyDeclarations, type TemplateResult } from "lit";
import { AskingElement } from "../kit/asking.js";
import { boundary, shapes } from "../kit/boundary.js";
import { Copier } from "../kit/copy.js";
import { Faults } from "../kit/faults.js";
import { Menu } from "../kit/menu.js";
import { PAGE_STYLES } from "../kit/styles.js";
import { toastTemplate } from "../kit/toast.js";
import { deliveryTemplate } from "./delivery.js";
import { questionTemplate, sinceOf, type Question } from "./dialogs.js";
import { endpointTemplate } from "./endpoint.js";
import { bodyOf, draftOf, formTemplate, type Draft } from "./form.js";
import { ENGLISH, type WebhookLabels } from "./labels.js";
import { overviewTemplate } from "./overview.js";
import { WebhookStore } from "./store.js";
import type { View } from "./view.js";
import webhookStyles from "./webhooks.css?inline";

export class CampanileWebhooks extends AskingElement<WebhookLabels> {
  static override styles = [...PAGE_STYLES, unsafeCSS(webhookStyles)];
  static override properties: PropertyDeclarations = {
    app: {},
    readonly: { type: Boolean, reflect: true },
    view: { state: true },
    draft: { state: true },
    question: { state: true },
    search: { state: true },
    opened: { state: true },
    busy: { state: true },
  };

  /** Which application: by id or uid, else the one that the token opens. */
  declare app: string | null;
  /** Shows what there is and offers no change. */
  declare readonly: boolean;
  declare private view: View;
  declare private draft: Draft | null;
  declare private question: Question | null;
  declare private search: string;
  declare private opened: ReadonlySet<string>;
  declare private busy: boolean;

  readonly #store = new WebhookStore(
    this,
    () => this.me,
    () => this.resource(),
  );
  protected readonly main = this.#store.list;
  readonly #menu = new Menu(this);
  readonly #copier = new Copier(this);

  constructor() {
    super();
    this.app = null;
    this.readonly = false;
    this.forget();
  }

  protected get english(): WebhookLabels {
    return ENGLISH;
  }

  protected override get restartedBy(): readonly string[] {
    return [...super.restartedBy, "app"];
  }

  protected override meet(otherUser: () => void): Me {
    return new Me({
      url: this.url || location.origin,
      token: () => this.token?.() ?? null,
      app: this.app ?? undefined,
      otherUser,
    });
  }

  protected load(): void {
    const { view } = this;
    void this.#store.loadList();
    if (this.#store.catalogue.error) this.#store.loadCatalogue();
    if (view.name === "endpoint") this.#store.openEndpoint(view.webhook);
    if (view.name === "delivery") this.#store.openDelivery(view.webhook, view.delivery);
  }

  protected forget(): void {
    this.#store?.forget();
    this.view = { name: "list" };
    this.draft = this.question = null;
    this.search = "";
    this.opened = new Set();
    this.busy = false;
  }

  protected override render(): TemplateResult {
    const { words, question } = this;
    return html`<div class="frame" part="frame" data-view=${this.view.name}>${this.#view()}</div>
      ${
        question
          ? questionTemplate(question, {
              words,
              locale: this.language,
              copier: this.#copier,
              change: (changed) => (this.question = changed),
              confirm: (asked) => void this.#confirm(asked),
              closed: () => (this.question = null),
            })
          : nothing
      }
      ${toastTemplate(this.toast.shown, words.undo, {
        undo: () => {},
        holdToast: (hold) => this.toast.hold(hold),
      })}`;
  }

  #view(): TemplateResult | typeof nothing {
    const { view, words } = this;
    // Who is signed out or has no leave has none for any part of it.
    if (this.main.value === undefined || this.waiting) return this.#overview();
    if (view.name === "endpoint") {
      return boundary({
        resource: this.#store.endpoint,
        words,
        retry: () => this.load(),
        show: (webhook) => this.#endpoint(webhook),
      });
    }
    if (view.name === "delivery") return this.#delivery(view.webhook);
    return this.draft && (view.name === "new" || view.name === "edit")
      ? this.#form(this.draft)
      : this.#overview();
  }

  #overview(): TemplateResult {
    const { words, language: locale, readonly, search, opened } = this;
    return overviewTemplate({
      words,
      locale,
      readonly,
      search,
      opened,
      store: this.#store,
      copier: this.#copier,
      tab: this.view.name === "catalogue" ? "catalogue" : "list",
      choose: (name) => this.#go({ name }, null),
      add: () => this.#edit(null),
      open: ({ id }) => this.#go({ name: "endpoint", webhook: id }),
      retry: () => this.load(),
      find: (text) => (this.search = text),
      toggle: (name) => {
        const names = new Set(opened);
        if (!names.delete(name)) names.add(name);
        this.opened = names;
      },
    });
  }

  #endpoint(webhook: Webhook): TemplateResult {
    const { words, language: locale, readonly } = this;
    return endpointTemplate(webhook, {
      words,
      locale,
      store: this.#store,
      menu: this.#menu,
      copier: this.#copier,
      readonly,
      back: () => this.#go({ name: "list" }, `[data-id="${webhook.id}"] button`),
      test: () => void this.#test(webhook),
      edit: () => this.#edit(webhook),
      setStatus: (status) => void this.#setStatus(webhook, status),
      ask: (name) => this.#ask(name, webhook),
      openDelivery: (delivery) => this.#open(webhook, delivery),
    });
  }

  #delivery(id: string): TemplateResult | typeof nothing {
    const { words, language: locale, readonly, busy } = this;
    const { delivery, endpoint } = this.#store;
    return boundary({
      resource: delivery,
      words,
      retry: () => this.load(),
      shape: shapes(2),
      show: (shown) =>
        deliveryTemplate(shown, {
          words,
          locale,
          webhook: endpoint.value,
          copier: this.#copier,
          readonly,
          busy,
          back: () => this.#go({ name: "endpoint", webhook: id }, `[data-id="${shown.id}"] button`),
          retry: () => void this.#retry(id, shown.id),
        }),
    });
  }

  #form(draft: Draft): TemplateResult {
    return formTemplate({
      draft,
      words: this.words,
      locale: this.language,
      store: this.#store,
      change: (changes) => (this.draft = { ...this.draft!, ...changes }),
      submit: () => void this.#submit(),
      cancel: () =>
        draft.id === null
          ? this.#go({ name: "list" }, "#add")
          : this.#go({ name: "endpoint", webhook: draft.id }, "#edit"),
    });
  }

  /** Goes to a view, and gives the keyboard to its heading or to what this finds; null leaves it where it is. */
  #go(view: View, focus: string | null = "#title"): void {
    this.view = view;
    if (view.name === "list" || view.name === "catalogue") this.#store.leave();
    if (view.name === "catalogue" || view.name === "new" || view.name === "edit") this.#store.loadCatalogue();
    if (view.name === "endpoint") this.#store.openEndpoint(view.webhook);
    if (view.name === "delivery") this.#store.openDelivery(view.webhook, view.delivery);
    this.focusWhenThere = focus;
    this.tell("campanile-view", { ...view });
  }

  #edit(webhook: Webhook | null): void {
    this.draft = draftOf(webhook);
    this.#go(webhook ? { name: "edit", webhook: webhook.id } : { name: "new" }, "#url");
  }

  #open(webhook: Webhook, { id }: Pick<Delivery, "id">): void {
    this.#go({ name: "delivery", webhook: webhook.id, delivery: id });
  }

  #ask(name: "rotate" | "recover" | "delete", webhook: Webhook): void {
    if (name === "delete") this.question = { name, webhook };
    if (name === "rotate") this.question = { name, webhook, grace: 86_400 };
    const since = webhook.health?.first_failure_at ? "failure" : "day";
    if (name === "recover") this.question = { name, webhook, since, time: "" };
  }

  async #submit(): Promise<void> {
    const { draft, me } = this;
    if (!draft || !me) return;
    this.draft = { ...draft, busy: true, faults: Faults.none() };
    try {
      const body = bodyOf(draft);
      if (draft.id === null) this.#created(await me.webhooks.create(body));
      else {
        // A policy and a description are never taken away, only replaced.
        const changes = { ...body, description: body.description ?? "", retry_policy: draft.retry };
        this.#changed(await me.webhooks.update(draft.id, changes));
      }
    } catch (error) {
      const faults = Faults.of(error);
      if (!faults) this.failed(error);
      if (this.draft) this.draft = { ...this.draft, busy: false, faults: faults ?? Faults.none() };
      await this.focusOn("[aria-invalid=true]");
    }
  }

  #created({ secret, ...webhook }: FreshWebhook): void {
    this.#store.add(webhook);
    this.toast.say(this.words.endpointCreated, null, "good");
    this.#go({ name: "endpoint", webhook: webhook.id });
    this.question = { name: "secret", webhook, secret };
    this.tell("campanile-change", { action: "created", webhook });
  }

  #changed(webhook: Webhook): void {
    this.#put(webhook);
    this.toast.say(this.words.saved, null, "good");
    this.#go({ name: "endpoint", webhook: webhook.id }, "#edit");
  }

  #put(webhook: Webhook): void {
    this.#store.put(webhook);
    this.tell("campanile-change", { action: "changed", webhook });
  }

  async #setStatus(webhook: Webhook, status: "active" | "paused"): Promise<void> {
    await this.attempt(async () => {
      this.#put(await this.me!.webhooks.update(webhook.id, { status }));
      const { words } = this;
      this.toast.say(status === "active" ? words.isActive : words.paused, null, "good");
    });
  }

  async #test(webhook: Webhook): Promise<void> {
    await this.attempt(async () => {
      const { delivery_id: id } = await this.me!.webhooks.test(webhook.id);
      this.toast.say(this.words.testSent, null, "good");
      this.tell("campanile-test", { webhook, delivery_id: id });
      this.#open(webhook, { id });
    });
  }

  async #retry(id: string, delivery: string): Promise<void> {
    this.busy = true;
    await this.attempt(async () => {
      await this.me!.webhooks.retry(id, delivery);
      this.toast.say(this.words.sentAgain, null, "good");
      await this.#store.loadDelivery(id, delivery);
      await this.focusOn("#title");
    });
    this.busy = false;
  }

  async #confirm(question: Question): Promise<void> {
    const { webhooks } = this.me!;
    const { webhook } = question;
    if (question.name === "rotate") {
      // The dialog stays, and shows what came.
      const done = await this.attempt(async () => {
        const { secret } = await webhooks.rotateSecret(webhook.id, question.grace);
        this.question = { name: "secret", webhook, secret };
        this.tell("campanile-secret", { webhook });
      });
      if (!done) this.closeDialog();
    } else if (question.name === "recover") {
      const since = sinceOf(question);
      if (since === null) return;
      this.closeDialog();
      await this.attempt(async () => {
        await webhooks.recover(webhook.id, { since });
        this.toast.say(this.words.recovering, null, "good");
      });
    } else if (question.name === "delete") {
      this.closeDialog();
      if (await this.attempt(() => webhooks.delete(webhook.id))) this.#deleted(webhook);
    }
  }

  #deleted(webhook: Webhook): void {
    this.#store.remove(webhook.id);
    this.#go({ name: "list" });
    this.toast.say(this.words.deleted, null, "good");
    this.tell("campanile-change", { action: "deleted", webhook });
  }
}
