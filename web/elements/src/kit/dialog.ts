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
    @cancel=${cancelled}
    @close=${(event: Event) => over(event) && closed()}
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

/**
 * Closes it, and says so at once. The browser says so a moment later: by then another question may have been asked,
 * or another render have opened this one again.
 */
export function closeNow(dialog: HTMLDialogElement | null): void {
  dialog?.close();
  dialog?.dispatchEvent(new Event("close"));
}

/** The browser's own word comes when the dialog is off the page already, and means nothing any more. */
function over({ currentTarget }: Event): boolean {
  const dialog = currentTarget as HTMLDialogElement;
  return dialog.isConnected && !dialog.open;
}

function cancelled(event: Event): void {
  event.preventDefault();
  closeNow(event.currentTarget as HTMLDialogElement);
}

function leftByBackdrop(event: MouseEvent): void {
  if (event.target === event.currentTarget) closeNow(event.currentTarget as HTMLDialogElement);
}

function leaves(event: MouseEvent): void {
  closeNow((event.currentTarget as HTMLElement).closest("dialog"));
}
