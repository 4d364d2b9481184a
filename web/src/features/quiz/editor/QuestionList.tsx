import {
  DndContext,
  KeyboardSensor,
  PointerSensor,
  closestCenter,
  useSensor,
  useSensors,
  type DragEndEvent,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Button, Group, Menu, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBooks, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { Bank } from './Bank';
import { blank, copyOf, entry, KINDS, within, type Entry, type Errors, type Question } from './draft';
import { QuestionCard } from './QuestionCard';

interface Props {
  assignmentId: string;
  entries: Entry[];
  onChange: (entries: Entry[]) => void;
  errors: Errors;
  started: boolean;
  onCorrected: () => Promise<void>;
}

/** All fixed questions in their order, changed by dragging or with the keyboard. */
export function QuestionList({ assignmentId, entries, onChange, errors, started, onCorrected }: Props) {
  const { t } = useTranslation('quiz');
  const [open, setOpen] = useState<string | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  function drop({ active, over }: DragEndEvent) {
    if (!over || active.id === over.id) return;
    const at = (id: string | number) => entries.findIndex((one) => one.key === id);
    onChange(arrayMove(entries, at(active.id), at(over.id)));
  }
  function add(questions: Question[]) {
    const added = questions.map(entry);
    onChange([...entries, ...added]);
    setOpen(added.at(-1)?.key ?? null);
  }
  const change = (key: string, question: Question) =>
    onChange(entries.map((one) => (one.key === key ? { key, question } : one)));
  function copy(index: number) {
    const copied = entry(copyOf(entries[index]!.question));
    onChange(entries.toSpliced(index + 1, 0, copied));
    setOpen(copied.key);
  }
  return (
    <Stack gap="sm">
      {entries.length === 0 && <Empty title={t('editor.empty')}>{t('editor.emptyText')}</Empty>}
      <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
        <SortableContext items={entries.map((one) => one.key)} strategy={verticalListSortingStrategy}>
          {entries.map((one, index) => (
            <QuestionCard
              key={one.key}
              assignmentId={assignmentId}
              entry={one}
              number={index + 1}
              isOpen={open === one.key}
              started={started}
              onCorrected={onCorrected}
              errors={within(errors, `questions.${index}`)}
              onToggle={() => setOpen(open === one.key ? null : one.key)}
              onChange={(question) => change(one.key, question)}
              onCopy={() => copy(index)}
              onRemove={() => onChange(entries.filter((other) => other.key !== one.key))}
            />
          ))}
        </SortableContext>
      </DndContext>
      {!started && <Adding onAdd={add} />}
    </Stack>
  );
}

function Adding({ onAdd }: { onAdd: (questions: Question[]) => void }) {
  const { t } = useTranslation('quiz');
  const [bank, dialog] = useDisclosure(false);
  return (
    <Group>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button leftSection={<IconPlus size={16} aria-hidden />}>{t('editor.addQuestion')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {KINDS.map((kind) => (
            <Menu.Item key={kind} onClick={() => onAdd([blank(kind)])}>
              {t(`kinds.${kind}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" leftSection={<IconBooks size={16} aria-hidden />} onClick={dialog.open}>
        {t('bank.add')}
      </Button>
      {bank && <Bank onClose={dialog.close} onAdd={onAdd} />}
    </Group>
  );
}
