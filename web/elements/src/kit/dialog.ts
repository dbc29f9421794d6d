// A question over everything else: a real <dialog>, so that the keyboard, Escape and screen readers are the browser's.

import { html, nothing, type TemplateResult } from "lit";

export interface DialogView {
  title: string;
  body: string | TemplateResult;
  /** What stands at its foot, beside the button that leaves it. */
  actions: TemplateResult;
  leave: string;
  /** Something to be read, not asked: a click beside it does not close it, and there is nothing to undo. */
  stays?: boolean;
  /** It is closed: whatever asked for it takes it off the page. */
  closed(): void;
}

export function dialogTemplate(view: DialogView): TemplateResult {
  const { title, body, actions, leave, stays = false, closed } = view;
  return html`<dialog
    part="dialog"
    aria-labelledby="dialog-title"
    aria-describedby="dialog-body"
    @close=${closed}
    @click=${stays ? nothing : leftByBackdrop}
  >
    <div class="dialog">
      <h3 id="dialog-title" part="dialog-title">${title}</h3>
      <div id="dialog-body" class="dialog-body">${body}</div>
      <div class="dialog-actions">
        <button
          class=${stays ? "button primary" : "button"}
          part="button cancel"
          type="button"
          @click=${leaves}
        >
          ${leave}
        </button>
        ${actions}
      </div>
    </div>
  </dialog>`;
}

function leftByBackdrop(event: MouseEvent): void {
  const dialog = event.currentTarget as HTMLDialogElement;
  if (event.target === dialog) dialog.close();
}

function leaves(event: MouseEvent): void {
  (event.currentTarget as HTMLElement).closest("dialog")?.close();
}
