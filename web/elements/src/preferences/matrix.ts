// Workflows by channels: a grid where there is room, a card for each workflow where there is not. One markup for
// both, so that nothing is said twice; each box says its workflow and channel by itself.

import type { WorkflowChoice } from "@campanile/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { checkTemplate, switchTemplate } from "../kit/controls.js";
import { drawing } from "../kit/drawing.js";
import { LOCK } from "../kit/glyphs.js";
import { fill } from "../kit/words.js";
import { section, type PreferenceView } from "./view.js";

interface Column {
  channel: string;
  label: string;
}

export function matrixSection(view: PreferenceView): TemplateResult {
  const { choices, words } = view;
  const columns = columnsOf(view);
  const anyFixed = choices.workflows.some(({ channels }) => channels.some(({ fixed }) => fixed));
  return section(
    "workflows",
    words.workflows,
    words.workflowsHint,
    choices.workflows.length === 0
      ? html`<p class="card pad muted" part="empty">${words.noWorkflows}</p>`
      : html`<div class="card matrix columns-${Math.min(columns.length, 7)}" part="card matrix">
            <div class="matrix-head" aria-hidden="true">
              <span></span>${columns.map(({ label }) => html`<span>${label}</span>`)}
            </div>
            <ul role="list">
              ${repeat(
                choices.workflows,
                ({ key }) => key,
                (workflow) => workflowRow(workflow, columns, view),
              )}
            </ul>
          </div>
          ${anyFixed ? html`<p class="hint legend">${drawing(LOCK)}${words.fixed}</p>` : nothing}`,
  );
}

/** The channels that any workflow uses, in the order in which they are listed as wholes. */
function columnsOf({ choices }: PreferenceView): Column[] {
  const used = new Set(choices.workflows.flatMap(({ channels }) => channels.map(({ channel }) => channel)));
  const listed = choices.channels.filter(({ channel }) => used.has(channel));
  const others = [...used].filter((channel) => !listed.some((one) => one.channel === channel));
  return [...listed, ...others.map((channel) => ({ channel, label: channel }))];
}

function workflowRow(workflow: WorkflowChoice, columns: Column[], view: PreferenceView): TemplateResult {
  const { words } = view;
  const { key, name, description, channels } = workflow;
  const fixed = channels.length > 0 && channels.every((one) => one.fixed);
  return html`<li class="workflow" part="row" data-workflow=${key}>
    ${switchTemplate({
      label: fill(words.workflow, { name }),
      on: channels.some(({ on }) => on),
      fixed: fixed ? words.fixed : null,
      toggle: (on) => view.setWorkflow(key, on),
    })}
    <div class="setting-text">
      <span class="setting-name">${name}</span>
      ${description ? html`<span class="hint">${description}</span>` : nothing}
    </div>
    ${columns.map((column) => cell(workflow, column, view))}
  </li>`;
}

function cell(workflow: WorkflowChoice, { channel, label }: Column, view: PreferenceView): TemplateResult {
  const { words } = view;
  const choice = workflow.channels.find((one) => one.channel === channel);
  if (!choice) return html`<span class="cell none" aria-hidden="true">–</span>`;
  return html`<span class="cell" data-channel=${channel}
    >${checkTemplate({
      label: html`<span class="cell-label" aria-hidden="true">${label}</span>`,
      name: fill(words.inChannel, { name: workflow.name, channel: label }),
      checked: choice.on,
      fixed: choice.fixed ? words.fixed : null,
      toggle: (on) => view.setCell(workflow.key, channel, on),
    })}</span
  >`;
}
