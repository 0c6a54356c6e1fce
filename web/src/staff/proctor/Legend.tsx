import { Check } from "../../ui/parts";
import { useTexts } from "../texts";
import { switchKeys, useKeysOn } from "./keys";

/** The key of a button, beside its words; not read out, and not there while keys are off. */
export function Key({ of }: { of: string | number }) {
  return useKeysOn() ? <kbd aria-hidden="true">{of}</kbd> : null;
}

export interface Shortcut {
  keys: readonly string[];
  words: string;
}

/** Which key does what, always in sight; and the switch that turns them off. */
export function Legend({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  const { t } = useTexts();
  const on = useKeysOn();
  return (
    <aside className="legend" aria-label={t("keys.title")}>
      {on ? (
        <ul className="plain row">
          {shortcuts.map(({ keys, words }) => (
            <li key={words} className="row small">
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
              {words}
            </li>
          ))}
        </ul>
      ) : null}
      <Check isSelected={on} onChange={switchKeys}>
        {t("keys.on")}
      </Check>
    </aside>
  );
}
