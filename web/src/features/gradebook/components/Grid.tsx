import { Text, UnstyledButton } from '@mantine/core';
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { GradingSchemas } from '@/shared/api/schemas';
import { decimal, percent, shortDate } from '@/shared/format';
import { usePrinting } from '@/shared/hooks/usePrinting';
import { isAbove, type Cell } from '../cells';
import { CellEditor, type Leave } from './CellEditor';
import classes from './Grid.module.css';
import { STEPS, stepped, type Place } from './moving';

type Column = GradingSchemas['Column'];
type Student = GradingSchemas['BookStudent'];

// On a phone names and totals leave room for two columns.
const PHONE = window.matchMedia('(max-width: 36em)').matches;
const NAME_WIDTH = PHONE ? 112 : 200;
const TOTAL_WIDTH = PHONE ? 76 : 96;
const WIDTH = PHONE ? 96 : 136;
const HEIGHT = 40;
const HEAD_HEIGHT = 72;

interface Props {
  label: string;
  columns: Column[];
  students: Student[];
  /** How many there are on all pages. */
  studentCount: number;
  cellAt: (student: Student, column: number) => Cell;
  onType: (student: Student, column: Column, text: string) => void;
  onStudent: (student: Student) => void;
  onColumn: (column: Column) => void;
  /** The last row that is here came into sight. */
  onEnd: () => void;
}

/** Students × assignments; only what is in sight is drawn. Arrow keys move, Enter or a digit edits, Tab leaves. */
export function Grid(props: Props) {
  const { label, columns, students, studentCount, onEnd } = props;
  const { t } = useTranslation('gradebook');
  const frame = useRef<HTMLDivElement>(null);
  const printing = usePrinting();
  const [place, setPlace] = useState<Place>({ row: 0, column: 0 });
  const [editing, setEditing] = useState<string | null>(null);
  // No component is compiled here, so functions that must not be memoized are not.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: students.length,
    getScrollElement: () => frame.current,
    estimateSize: () => HEIGHT,
    overscan: printing ? students.length : 6,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => frame.current,
    estimateSize: () => WIDTH,
    overscan: printing ? columns.length : 3,
    scrollPaddingStart: NAME_WIDTH + TOTAL_WIDTH,
  });
  const last = rows.getVirtualItems().at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= students.length - 1 && students.length < studentCount) onEnd();
  }, [last, students.length, studentCount, onEnd]);

  function go(next: Place) {
    setPlace(next);
    rows.scrollToIndex(next.row);
    if (next.column > 0) across.scrollToIndex(next.column - 1);
  }

  function open(typedSoFar: string) {
    const student = students[place.row];
    if (!student) return;
    if (place.column === 0) props.onStudent(student);
    else setEditing(typedSoFar);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (editing !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step) go(stepped(place, step, students.length, columns.length));
    else if (event.key === 'Enter' || event.key === 'F2') open('');
    else if (/^[\d.e]$/i.test(event.key) && place.column > 0) open(event.key);
    else if (event.key === 'Delete' && place.column > 0) leave('', 'stay');
    else return;
    event.preventDefault();
  }

  /** What was typed is kept and the next place entered; `null`: nothing was meant. */
  function leave(text: string | null, next: Leave) {
    setEditing(null);
    const [student, column] = [students[place.row], columns[place.column - 1]];
    if (text !== null && student && column) props.onType(student, column, text);
    if (next !== 'stay')
      go(stepped(place, next === 'down' ? STEPS.ArrowDown! : STEPS.ArrowRight!, students.length, columns.length));
    frame.current?.focus({ preventScroll: true });
  }

  const width = NAME_WIDTH + TOTAL_WIDTH + across.getTotalSize();
  return (
    <div
      ref={frame}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={studentCount + 1}
      aria-colcount={columns.length + 2}
      aria-activedescendant={students.length > 0 ? cellId(place.row, place.column) : undefined}
      className={classes.frame}
      onKeyDown={onKeyDown}
    >
      <div role="row" aria-rowindex={1} className={classes.head} style={{ width, height: HEAD_HEIGHT }}>
        <div role="columnheader" aria-colindex={1} className={classes.name} style={{ width: NAME_WIDTH }}>
          {t('student')}
        </div>
        <div
          role="columnheader"
          aria-colindex={2}
          className={classes.total}
          style={{ left: NAME_WIDTH, width: TOTAL_WIDTH }}
        >
          {t('total')}
        </div>
        {across.getVirtualItems().map((item) => (
          <Heading key={item.key} item={item} column={columns[item.index]!} onOpen={props.onColumn} />
        ))}
      </div>
      <div role="rowgroup" className={classes.body} style={{ width, height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => (
          <Row
            key={row.key}
            row={row}
            across={across.getVirtualItems()}
            width={width}
            place={place}
            editing={editing}
            onPlace={(column) => {
              setEditing(null);
              setPlace({ row: row.index, column });
            }}
            onOpen={() => open('')}
            onLeave={leave}
            student={students[row.index]!}
            {...{ columns, cellAt: props.cellAt, onStudent: props.onStudent }}
          />
        ))}
      </div>
    </div>
  );
}

/** A cell as one would type it. */
const held = (cell: Cell) => (cell.look === 'excused' ? 'ex' : (cell.score ?? ''));

const cellId = (row: number, column: number) => `grade-${row}-${column}`;

function Heading({ item, column, onOpen }: { item: VirtualItem; column: Column; onOpen: (column: Column) => void }) {
  const { t } = useTranslation('gradebook');
  return (
    <div
      role="columnheader"
      aria-colindex={item.index + 3}
      className={classes.heading}
      style={{ left: NAME_WIDTH + TOTAL_WIDTH + item.start, width: WIDTH }}
    >
      <UnstyledButton tabIndex={-1} onClick={() => onOpen(column)} className={classes.title} title={column.title}>
        {column.title}
      </UnstyledButton>
      <Text size="xs" c="dimmed" truncate>
        {column.points ? t('outOf', { points: decimal(column.points) }) : t('ungraded')}
        {column.due_at && ` · ${shortDate(column.due_at)}`}
      </Text>
    </div>
  );
}

interface RowProps extends Pick<Props, 'columns' | 'cellAt' | 'onStudent'> {
  row: VirtualItem;
  across: VirtualItem[];
  width: number;
  student: Student;
  place: Place;
  editing: string | null;
  onPlace: (column: number) => void;
  onOpen: () => void;
  onLeave: (text: string | null, next: Leave) => void;
}

function Row({ row, across, width, student, place, editing, onPlace, onOpen, onLeave, columns, ...props }: RowProps) {
  const here = (column: number) => place.row === row.index && place.column === column;
  return (
    <div
      role="row"
      aria-rowindex={row.index + 2}
      className={classes.row}
      style={{ width, height: HEIGHT, transform: `translateY(${row.start}px)` }}
    >
      <div role="rowheader" aria-colindex={1} className={classes.name} style={{ width: NAME_WIDTH }}>
        <UnstyledButton tabIndex={-1} className={classes.title} onClick={() => props.onStudent(student)}>
          {student.name}
        </UnstyledButton>
      </div>
      {/* The grid takes the keys for all its cells. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div
        id={cellId(row.index, 0)}
        role="gridcell"
        tabIndex={-1}
        aria-colindex={2}
        aria-selected={here(0)}
        className={classes.total}
        style={{ left: NAME_WIDTH, width: TOTAL_WIDTH }}
        onClick={() => onPlace(0)}
      >
        {percent(student.total.total)} {student.total.letter}
        {student.total.overridden && ' *'}
      </div>
      {across.map((item) => {
        const [column, active] = [item.index + 1, here(item.index + 1)];
        const cell = props.cellAt(student, item.index);
        const style = { left: NAME_WIDTH + TOTAL_WIDTH + item.start, width: WIDTH };
        return active && editing !== null ? (
          <div key={item.key} role="gridcell" aria-colindex={item.index + 3} className={classes.cell} style={style}>
            <CellEditor
              held={held(cell)}
              first={editing || held(cell)}
              label={`${student.name}, ${columns[item.index]!.title}`}
              points={cell.max}
              onLeave={onLeave}
            />
          </div>
        ) : (
          <CellView
            key={item.key}
            id={cellId(row.index, column)}
            colIndex={item.index + 3}
            active={active}
            cell={cell}
            style={style}
            onPlace={() => onPlace(column)}
            onOpen={onOpen}
          />
        );
      })}
    </div>
  );
}

interface CellProps {
  id: string;
  colIndex: number;
  active: boolean;
  cell: Cell;
  style: { left: number; width: number };
  onPlace: () => void;
  onOpen: () => void;
}

function CellView({ id, colIndex, active, cell, style, onPlace, onOpen }: CellProps) {
  const { t } = useTranslation('gradebook');
  const above = isAbove(cell.score, cell.max);
  const words = [
    t(`look.${cell.look}`),
    cell.late && t('late'),
    cell.dropped && t('dropped'),
    above && t('above', { points: decimal(cell.max) }),
  ]
    .filter(Boolean)
    .join(', ');
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid takes the keys for all its cells
    <div
      id={id}
      role="gridcell"
      tabIndex={-1}
      aria-colindex={colIndex}
      aria-selected={active}
      aria-label={`${cell.score === null ? '' : `${decimal(cell.score)}, `}${words}`}
      className={classes.cell}
      data-look={cell.look}
      data-dropped={cell.dropped || undefined}
      style={style}
      title={words}
      onClick={onPlace}
      onDoubleClick={onOpen}
    >
      {cell.score === null ? t(`sign.${cell.look}`) : decimal(cell.score)}
      {cell.late && <span className={classes.remark}>{t('lateSign')}</span>}
      {above && <span className={classes.remark}>{t('aboveSign')}</span>}
    </div>
  );
}
