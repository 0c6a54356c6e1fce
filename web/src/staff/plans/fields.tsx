/** Fields that know where in the plan they are, and say what the API found wrong there. */

import { createContext, type ReactNode, use } from "react";

import { Button, Choice, type ChoiceProps, Field, type FieldProps, NumberField, type NumberFieldProps } from "../../ui/parts";
import { useTexts } from "../texts";
import { type Fault, faultWords, placeOf } from "./faults";

const Standing = createContext<readonly Fault[]>([]);

/** What is in here shows these faults at its fields. */
export function Faulty({ faults, children }: { faults: readonly Fault[]; children: ReactNode }) {
  return <Standing value={faults}>{children}</Standing>;
}

/** What is wrong at a path, in words; undefined where nothing is. */
export function useFault(at: string): string | undefined {
  const texts = useTexts();
  const fault = use(Standing).find((one) => one.where === at);
  return fault && faultWords(texts, fault);
}

interface Placed {
  /** The path in the plan. */
  at: string;
}

export function PlanField({ at, ...props }: FieldProps & Placed) {
  return <Field {...props} name={at} error={useFault(at)} />;
}

export function PlanNumber({ at, ...props }: NumberFieldProps & Placed) {
  return <NumberField {...props} name={at} error={useFault(at)} />;
}

export function PlanChoice<Value extends string>({ at, ...props }: ChoiceProps<Value> & Placed) {
  return <Choice {...props} name={at} error={useFault(at)} />;
}

/** What is wrong with a group of fields as a whole, or with one of several that show nothing themselves. */
export function Wrong({ at, deep = false }: Placed & { deep?: boolean }) {
  const texts = useTexts();
  const found = use(Standing).filter((one) => one.where === at || (deep && one.where.startsWith(`${at}.`)));
  return found.length ? (
    <p className="field-error" id={`wrong-${at}`} tabIndex={-1}>
      {found.map((one) => faultWords(texts, one)).join(" ")}
    </p>
  ) : null;
}

/** All faults, each of which leads to its field. */
export function FaultList({ faults, onGo }: { faults: readonly Fault[]; onGo?: (where: string) => void }) {
  const texts = useTexts();
  return (
    <ul>
      {faults.map((one) => {
        const words = `${placeOf(texts, one.where)}: ${faultWords(texts, one)}`;
        return (
          <li key={`${one.where} ${one.what}`}>
            {onGo ? (
              <Button look="plain" size="small" onPress={() => onGo(one.where)}>
                {words}
              </Button>
            ) : (
              words
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Bring a field of a form into view and give it the focus, also where it is folded away. */
export function goTo(form: HTMLFormElement, where: string): void {
  const parts = where.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const path = parts.slice(0, length).join(".");
    const found = [...form.elements].find((one) => one.getAttribute("name") === path) ?? document.getElementById(`wrong-${path}`);
    if (!(found instanceof HTMLElement)) continue;
    unfold(found);
    found.focus();
    return;
  }
}

/** Open everything that a field is folded away in. */
export function unfold(field: Element): void {
  for (let folded = field.closest("details"); folded; folded = folded.parentElement?.closest("details") ?? null) folded.open = true;
}
