import { clock } from "../../texts/texts";
import { Button, Choice } from "../../ui/parts";
import { Problem } from "../parts";
import { useTexts } from "../texts";
import type { Player } from "./usePlayer";

const RATES = ["0.75", "1", "1.25", "1.5", "2"];

export function PlayerBar({ player, duration_s }: { player: Player; duration_s: number }) {
  const { t } = useTexts();
  const at = Math.min(player.position, duration_s);
  return (
    <>
      <section className="player" aria-label={t("audio.title")}>
        <Button isPending={player.loading} onPress={player.toggle}>
          {player.playing ? t("audio.pause") : t("audio.play")}
        </Button>
        <input
          type="range"
          min={0}
          max={Math.ceil(duration_s)}
          step={1}
          value={Math.round(at)}
          aria-label={t("audio.position")}
          aria-valuetext={`${clock(at)} / ${clock(duration_s)}`}
          onChange={(event) => player.play(Number(event.target.value))}
        />
        <span className="number small">
          {clock(at)} / {clock(duration_s)}
        </span>
        <Choice
          label={t("audio.speed")}
          hideLabel
          value={String(player.rate)}
          options={RATES.map((value) => ({ value, label: `${value} ×` }))}
          onChange={(value) => player.setRate(Number(value))}
        />
      </section>
      {player.error ? <Problem error={player.error} /> : null}
    </>
  );
}
