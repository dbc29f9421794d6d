import { useId, type ButtonHTMLAttributes, type ReactNode } from "react";
import { Link, type LinkProps } from "@tanstack/react-router";
import LoaderCircle from "lucide-react/icons/loader-circle";
import { Tip } from "./tip.js";

type Look = "primary" | "secondary" | "ghost" | "danger";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  look?: Look;
  small?: boolean;
  icon?: ReactNode;
  busy?: boolean;
  /** Why it cannot be used. The button stays where the keyboard finds it, and says so. */
  refusal?: string | null | undefined;
}

/** A button. One that is refused or busy does nothing, but keeps the focus. */
export function Button({
  look = "secondary",
  small,
  icon,
  busy,
  refusal,
  children,
  onClick,
  type,
  ...rest
}: Props) {
  const why = useId();
  const off = Boolean(refusal) || Boolean(busy);
  const button = (
    <button
      {...rest}
      type={off ? "button" : (type ?? "button")}
      className={`button ${look} ${small ? "small" : ""} ${rest.className ?? ""}`}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      aria-describedby={refusal ? why : rest["aria-describedby"]}
      onClick={off ? (event) => event.preventDefault() : onClick}
    >
      {busy ? <LoaderCircle className="spin" aria-hidden /> : icon}
      {children}
    </button>
  );
  return refusal ? (
    <Tip id={why} text={refusal}>
      {button}
    </Tip>
  ) : (
    button
  );
}

interface IconProps extends Omit<Props, "children" | "icon"> {
  label: string;
  children: ReactNode;
}

/** A button that shows nothing but an icon; its name is told on hover and to whoever does not see. */
export function IconButton({ label, children, refusal, ...rest }: IconProps) {
  const button = (
    <Button
      look="ghost"
      {...rest}
      refusal={null}
      aria-label={label}
      className={`icon ${rest.className ?? ""}`}
      aria-disabled={refusal ? true : undefined}
      onClick={refusal ? undefined : rest.onClick}
    >
      {children}
    </Button>
  );
  return (
    <Tip text={refusal ?? label} silent={!refusal}>
      {button}
    </Tip>
  );
}

/** A link that looks like a button. */
export function LinkButton({
  look = "secondary",
  small,
  icon,
  children,
  ...rest
}: LinkProps & {
  look?: Look;
  small?: boolean;
  icon?: ReactNode;
  children: ReactNode;
  "aria-label"?: string;
}) {
  return (
    <Link {...rest} className={`button ${look} ${small ? "small" : ""}`}>
      {icon}
      {children}
    </Link>
  );
}
