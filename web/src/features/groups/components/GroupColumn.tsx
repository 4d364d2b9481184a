import { useDraggable, useDroppable } from '@dnd-kit/core';
import { Initials } from '@/shared/components/Initials';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, Badge, Card, Group, Menu, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowsMove, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Member } from '../api';
import { UNGROUPED, type DraftGroup } from '../draft';
import classes from './Groups.module.css';

interface Props {
  column: Pick<DraftGroup, 'key' | 'students'> & Partial<DraftGroup>;
  /** Where its students can go. */
  places: DraftGroup[];
  limit: number | null;
  onMove: (studentId: string, place: string) => void;
  onRename?: (name: string) => void;
  onDissolve?: () => void;
}

/** One group, or those who are in none: students are dragged here, or sent by their menu. */
export function GroupColumn({ column, places, limit, onMove, onRename, onDissolve }: Props) {
  const { t } = useTranslation('groups');
  const { key, students, name, hasWork = false } = column;
  const { setNodeRef, isOver } = useDroppable({ id: key });
  const title = name ?? t('ungrouped');
  const count = limit === null ? String(students.length) : `${students.length} / ${limit}`;
  return (
    <Card ref={setNodeRef} p="sm" component="section" aria-label={title} className={classes.column} data-over={isOver}>
      <Group wrap="nowrap" gap="xs" mb="xs">
        {onRename ? (
          <TextInput
            flex={1}
            size="sm"
            variant="unstyled"
            classNames={{ input: classes.name }}
            maxLength={200}
            aria-label={t('name')}
            value={title}
            onChange={(event) => onRename(event.currentTarget.value)}
            error={!title.trim()}
          />
        ) : (
          <Text flex={1} fw={600} c="dimmed">
            {title}
          </Text>
        )}
        {hasWork && (
          <Badge size="sm" variant="light" style={{ flexShrink: 0 }}>
            {t('hasWork')}
          </Badge>
        )}
        <Badge
          variant="default"
          style={{ flexShrink: 0 }}
          role="img"
          aria-label={t('count', { count: students.length })}
        >
          {count}
        </Badge>
        {onDissolve && (
          <ActionIcon
            variant="subtle"
            color="red"
            disabled={hasWork}
            aria-label={t('dissolve', { name: title })}
            onClick={onDissolve}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      <Stack gap={4}>
        {students.map((one) => (
          <Student key={one.student_id} student={one} here={key} places={places} onMove={onMove} />
        ))}
        {students.length === 0 && (
          <Text size="sm" c="dimmed" ta="center" py="sm">
            {t(key === UNGROUPED ? 'everybodyPlaced' : 'dropHere')}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

interface StudentProps {
  student: Member;
  here: string;
  places: DraftGroup[];
  onMove: (studentId: string, place: string) => void;
}

function Student({ student, here, places, onMove }: StudentProps) {
  const { t } = useTranslation('groups');
  const { setNodeRef, listeners, transform, isDragging } = useDraggable({ id: student.student_id });
  const others = [...places.map(({ key, name }) => ({ key, name })), { key: UNGROUPED, name: t('ungrouped') }];
  return (
    <Group
      ref={setNodeRef}
      {...listeners}
      wrap="nowrap"
      gap="xs"
      className={classes.student}
      data-dragging={isDragging || undefined}
      style={{ transform: CSS.Translate.toString(transform) }}
    >
      <Initials name={student.name} size={28} />
      <Text size="sm" flex={1} truncate>
        {student.name}
        {!student.attends && (
          <Text span size="xs" c="dimmed">
            {' '}
            · {t('left')}
          </Text>
        )}
      </Text>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('move', { name: student.name })}
            onPointerDown={(event) => event.stopPropagation()}
          >
            <IconArrowsMove size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
          <Menu.Label>{t('moveTo')}</Menu.Label>
          {others
            .filter((place) => place.key !== here)
            .map((place) => (
              <Menu.Item key={place.key} onClick={() => onMove(student.student_id, place.key)}>
                {place.name}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
