/** The few parts that all pages are made of: thin covers over React Aria, which brings keyboard and screen reader. */

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  Dialog,
  FieldError,
  Heading,
  Input,
  Label,
  Modal,
  ModalOverlay,
  Text,
  TextArea,
  TextField,
  type TextFieldProps,
} from "react-aria-components";

import { type Language, LANGUAGE_OPTIONS } from "../texts/texts";

export type Look = "main" | "quiet" | "plain" | "danger";
export type Tone = "accent" | "good" | "warn" | "bad";

export interface ButtonProps extends Omit<AriaButtonProps, "className"> {
  look?: Look;
  size?: "normal" | "small";
}

/** A button. While `isPending` it keeps the focus, says that it is off, and does nothing. */
export function Button({ look = "main", size = "normal", isPending = false, ...props }: ButtonProps) {
  // the library's own pending state announces a button that may be gone by then
  const still: Partial<AriaButtonProps> = isPending ? { "aria-disabled": true, onPress: () => undefined, type: "button" } : {};
  return <AriaButton {...props} {...still} className={`button ${look} ${size} ${isPending ? "pending" : ""}`} />;
}

export interface FieldProps extends Omit<TextFieldProps, "className" | "children"> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  rows?: number;
  placeholder?: string;
  code?: boolean;
  hideLabel?: boolean;
  /** Bounds and grain of a number. */
  min?: number | undefined;
  max?: number | undefined;
  step?: number | "any";
}

/** A labelled line of text, or an area of `rows` lines. */
export function Field({ label, help, error, rows, placeholder, code, hideLabel, min, max, step, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field" isInvalid={Boolean(error) || Boolean(props.isInvalid)}>
      <Label className={hideLabel ? "visually-hidden" : ""}>{label}</Label>
      {rows ? (
        <TextArea className={`input ${code ? "code" : ""}`} rows={rows} placeholder={placeholder ?? ""} />
      ) : (
        <Input className="input" placeholder={placeholder ?? ""} {...given({ min, max, step })} />
      )}
      {help ? (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      ) : null}
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}

/** Props without those that are undefined. */
function given<Props extends object>(props: Props): { [Name in keyof Props]?: Exclude<Props[Name], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<Props>>;
}

export interface NumberFieldProps extends Omit<FieldProps, "value" | "onChange" | "type" | "rows" | "inputMode"> {
  /** The number at first; null is none. What is typed afterwards stands as it was typed. */
  value: number | null;
  /** Told null where there is no number. */
  onChange: (value: number | null) => void;
}

/** A labelled number. */
export function NumberField({ value, onChange, step = 1, ...props }: NumberFieldProps) {
  const [text, setText] = useState(value === null ? "" : String(value));
  const change = (next: string) => {
    setText(next);
    onChange(next.trim() === "" || !Number.isFinite(Number(next)) ? null : Number(next));
  };
  return <Field {...props} type="number" inputMode={step === 1 ? "numeric" : "decimal"} step={step} value={text} onChange={change} />;
}

export interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  hideLabel?: boolean;
  name?: string;
  error?: string | undefined;
}

/** A choice of one: the browser's own list, which every phone and screen reader knows. */
export function Choice<Value extends string>({ label, value, options, onChange, hideLabel, name, error }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id} className={hideLabel ? "visually-hidden" : "label"}>
        {label}
      </label>
      <select
        id={id}
        className="input"
        name={name}
        value={value}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {error ? (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** In which language the page speaks. */
export function LanguageChoice({ label, value, onChange }: { label: string; value: Language; onChange: (language: Language) => void }) {
  return <Choice label={label} hideLabel value={value} options={LANGUAGE_OPTIONS} onChange={onChange} />;
}

export interface RadiosProps<Value extends string> {
  label: string;
  /** Null: nothing is chosen yet. */
  value: Value | null;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** A choice of one where nothing may be preset: the browser's own radio buttons. */
export function Radios<Value extends string>({ label, value, options, onChange }: RadiosProps<Value>) {
  const name = useId();
  return (
    <fieldset className="radios">
      <legend>{label}</legend>
      <div className="row">
        {options.map((option) => (
          <label key={option.value} className="radio">
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Check({ children, ...props }: Omit<AriaCheckboxProps, "className" | "children"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...props} className="check">
      <span className="box" aria-hidden="true" />
      <span>{children}</span>
    </AriaCheckbox>
  );
}

/** Something that must be noticed; `bad` is announced at once, the others politely. */
export function Notice({ tone = "accent", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {children}
    </div>
  );
}

export function Loading({ children }: { children: ReactNode }) {
  return (
    <p className="loading" role="status">
      {children}
    </p>
  );
}

export function Badge({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  return <span className={`badge ${tone ?? ""}`}>{children}</span>;
}

/** A bar from 0 to 100. */
export function Meter({ label, percent, tone, hideLabel }: { label: string; percent: number; tone?: "good"; hideLabel?: boolean }) {
  const width = Math.max(0, Math.min(100, percent));
  return (
    <div className={`meter ${tone ?? ""}`}>
      {hideLabel ? null : <span className="small">{label}</span>}
      <div
        className="track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(width)}
      >
        <div className="fill" style={{ width: `${width}%` }} />
      </div>
    </div>
  );
}

export interface WindowProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  role?: "dialog" | "alertdialog";
}

/** A window over the page; Escape and a press beside it close it, and the focus goes back to where it was. */
export function Window({ title, isOpen, onClose, children, role = "dialog" }: WindowProps) {
  return (
    <ModalOverlay className="modal-under" isOpen={isOpen} onOpenChange={(open) => open || onClose()} isDismissable>
      <Modal className="modal">
        <Dialog role={role}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What a window ends with: the way out, and beside it what else there is to do. */
export function WindowRow({ close, onClose, children }: { close: string; onClose: () => void; children: ReactNode }) {
  return (
    <div className="row row-end">
      <Button look="quiet" onPress={onClose}>
        {close}
      </Button>
      {children}
    </div>
  );
}

export interface ConfirmProps {
  title: string;
  words: ReactNode;
  yes: string;
  no: string;
  isOpen: boolean;
  danger?: boolean;
  onClose: () => void;
  onYes: () => void | Promise<void>;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, words, yes, no, isOpen, danger, onClose, onYes }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    try {
      await onYes();
    } finally {
      setBusy(false);
      onClose();
    }
  };
  return (
    <Window title={title} isOpen={isOpen} onClose={onClose} role="alertdialog">
      <div>{words}</div>
      <div className="row row-end">
        <Button look="quiet" onPress={onClose} autoFocus>
          {no}
        </Button>
        <Button look={danger ? "danger" : "main"} isPending={busy} onPress={() => void act()}>
          {yes}
        </Button>
      </div>
    </Window>
  );
}

/** A heading that takes the focus when its page appears, so that a screen reader begins there. */
export function PageTitle({ children, quiet }: { children: ReactNode; quiet?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!quiet) heading.current?.focus({ preventScroll: false });
  }, [quiet]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
