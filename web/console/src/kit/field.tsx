import {
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  cloneElement,
} from "react";
import ChevronDown from "lucide-react/icons/chevron-down";
import Search from "lucide-react/icons/search";

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null | undefined;
  /** The label is for those who do not see; the field's place says it to the others. */
  quiet?: boolean;
  children: ReactElement<Record<string, unknown>>;
}

/** A field with its label, what it means and what is wrong with it, all tied to the control. */
export function Field({ label, hint, error, quiet, children }: FieldProps) {
  const id = useId();
  const about = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id} className={quiet ? "hidden" : ""}>
        {label}
      </label>
      {cloneElement(children, {
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": about || undefined,
      })}
      {hint ? (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p className="fault" id={`${id}-error`} role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}

export function Input({
  ref,
  ...props
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return (
    <input
      {...props}
      ref={ref}
      className={`input ${props.className ?? ""}`}
      autoComplete={props.autoComplete ?? "off"}
      spellCheck={false}
    />
  );
}

export function Textarea(props: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea spellCheck={false} {...props} className={`input area ${props.className ?? ""}`} />;
}

export function Select(props: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <span className={`select ${props.className ?? ""}`}>
      <select {...props} className="input" />
      <ChevronDown aria-hidden />
    </span>
  );
}

/** A field that narrows a list. `/` leads to the first one of a page. */
export function SearchInput({ label, ...props }: InputHTMLAttributes<HTMLInputElement> & { label: string }) {
  return (
    <span className="search">
      <Search aria-hidden />
      <Input type="search" aria-label={label} placeholder={label} data-find="" {...props} />
    </span>
  );
}

interface SwitchProps {
  label: ReactNode;
  on: boolean;
  /** What is saved answers with a promise: until it is kept, the switch already stands as it was put. */
  onChange: (on: boolean) => unknown;
  refusal?: string | null | undefined;
  /** Shows only the switch; the label is told. */
  bare?: boolean;
}

function useHasty(on: boolean, onChange: (on: boolean) => unknown): [boolean, (on: boolean) => void] {
  const [hasty, setHasty] = useState<boolean | null>(null);
  const change = (next: boolean) => {
    const kept = onChange(next);
    if (!(kept instanceof Promise)) return;
    setHasty(next);
    const settle = () => setHasty(null);
    kept.then(settle, settle);
  };
  return [hasty ?? on, change];
}

export function Switch({ label, on, onChange, refusal, bare }: SwitchProps) {
  const [shown, change] = useHasty(on, onChange);
  return (
    <label className="switch" title={refusal ?? undefined}>
      <input
        type="checkbox"
        role="switch"
        checked={shown}
        aria-disabled={refusal ? true : undefined}
        onChange={(event) => (refusal ? undefined : change(event.target.checked))}
      />
      <span className="track" aria-hidden />
      <span className={bare ? "hidden" : ""}>{label}</span>
      {refusal ? <span className="hidden">{refusal}</span> : null}
    </label>
  );
}

export function Check({ label, on, onChange, refusal }: Omit<SwitchProps, "bare">) {
  const [shown, change] = useHasty(on, onChange);
  return (
    <label className="check" title={refusal ?? undefined}>
      <input
        type="checkbox"
        checked={shown}
        aria-disabled={refusal ? true : undefined}
        onChange={(event) => (refusal ? undefined : change(event.target.checked))}
      />
      <span>{label}</span>
    </label>
  );
}

/** A few choices of which one holds, side by side. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: Array<{ value: T; label: ReactNode; name?: string }>;
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className="hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.name}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            aria-label={option.name}
            onChange={() => onChange(option.value)}
          />
          <span>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
