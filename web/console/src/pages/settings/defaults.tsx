import { useState } from "react";
import { useChange, useRead } from "../../api/queries.js";
import { useRefusal } from "../../api/session.js";
import { Button } from "../../kit/button.js";
import { ProblemLine } from "../../kit/dialog.js";
import { Editor } from "../../kit/editor.js";
import { Section } from "../../kit/page.js";
import { Loaded } from "../../kit/state.js";
import { say } from "../../kit/toast.js";
import { marksOf, readDocument, write } from "../../words/document.js";

const PATH = "/api/v1/preferences";

/** What holds for everybody of whom nothing else is said. */
export function Defaults() {
  const query = useRead(PATH, {}, { staleTime: 60_000 });
  return <Loaded query={query}>{(found) => <Form document={found} />}</Loaded>;
}

function Form({ document }: { document: unknown }) {
  const empty = !document || Object.keys(document).length === 0;
  const first = empty ? "" : write(document, "yaml");
  const [text, setText] = useState(first);
  const read = readDocument(text);
  const refusal = useRefusal();
  const save = useChange("put", PATH, [PATH]);
  const faults = save.error?.faults ?? [];
  const submit = () => save.mutate({ body: (read.value ?? {}) as never }, { onSuccess: () => say("Saved.") });
  return (
    <Section
      title="Default preferences"
      about="They hold for everybody of whom nothing else is said. A setting with “required” holds whatever a user says."
      actions={
        <Button
          look="primary"
          busy={save.isPending}
          refusal={
            refusal ??
            (read.marks.length > 0
              ? "Put right what is marked first."
              : text === first
                ? "Nothing was changed."
                : null)
          }
          onClick={submit}
        >
          Save
        </Button>
      }
    >
      {save.error && faults.length === 0 ? <ProblemLine problem={save.error} /> : null}
      <Editor
        label="Default preferences"
        value={text}
        marks={read.marks.length > 0 ? read.marks : marksOf(faults, read)}
        refusal={refusal}
        onSave={submit}
        onChange={(changed) => {
          setText(changed);
          save.reset();
        }}
      />
    </Section>
  );
}
