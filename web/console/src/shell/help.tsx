import { Dialog } from "../kit/dialog.js";
import { useHere } from "../api/session.js";
import { MODIFIER } from "./keys.js";
import { placesFor } from "./places.js";

/** The keys, as a list. */
export default function Help({ onClose }: { onClose: () => void }) {
  const { role } = useHere();
  const general: Array<[string[], string]> = [
    [[MODIFIER, "K"], "Search or jump to"],
    [["/"], "Narrow the list"],
    [["j"], "Next row"],
    [["k"], "Row before"],
    [["Enter"], "Open the row"],
    [["Esc"], "Close what is open"],
    [["?"], "This list"],
  ];
  const places = placesFor(role).flatMap((group) => group.places);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} wide>
      <div className="keys">
        <dl aria-label="Everywhere">
          {general.map(([keys, what]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <dl aria-label="Go to">
          {places.map(({ key, label }) => (
            <div key={key}>
              <dt>{label}</dt>
              <dd>
                <kbd>g</kbd> <span className="muted small">then</span> <kbd>{key}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
