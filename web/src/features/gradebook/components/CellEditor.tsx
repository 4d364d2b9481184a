import { Tooltip } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { decimal } from '@/shared/format';
import { isAbove, typed } from '../cells';
import classes from './Grid.module.css';

export type Leave = 'down' | 'right' | 'stay';

interface Props {
  /** What the cell holds, and what is in the field at first: the same, or the digit that opened it. */
  held: string;
  first: string;
  label: string;
  /** The points possible; null: none are told. */
  points: string | null;
  /** `null`: nothing was changed. */
  onLeave: (text: string | null, next: Leave) => void;
}

/**
 * A score being typed: Enter goes down, Tab right, Escape back; what makes no score stays until it is mended, and what
 * is above the points possible is remarked on.
 */
export function CellEditor({ held, first, label, points, onLeave }: Props) {
  const { t } = useTranslation('gradebook');
  const [text, setText] = useState(first);
  const input = useRef<HTMLInputElement>(null);
  const left = useRef(false);
  const meant = typed(text);
  const wrong = 'wrong' in meant;
  const above = 'score' in meant && isAbove(meant.score, points);
  useEffect(() => input.current?.focus(), []);

  function leave(kept: string | null, next: Leave) {
    left.current = true;
    onLeave(kept === held ? null : kept, next);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') leave(null, 'stay');
    else if (event.key === 'Enter' && !wrong) leave(text, 'down');
    else if (event.key === 'Tab' && !event.shiftKey && !wrong) leave(text, 'right');
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <Tooltip label={t('above', { points: decimal(points) })} opened={above} color="yellow.3" c="dark" withArrow>
      <input
        ref={input}
        value={text}
        inputMode="decimal"
        aria-label={label}
        aria-invalid={wrong}
        className={classes.input}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => !left.current && leave(wrong ? null : text, 'stay')}
      />
    </Tooltip>
  );
}
