import { Group, NumberInput, Radio, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.layer.css';
import { IconCalendar } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { selectTopics } from '@/features/classrooms/store';
import type { Problem } from '@/shared/api/problem';
import type { ClassroomSchemas, Kind } from '@/shared/api/schemas';
import { Failure } from '@/shared/components/Failure';
import { fromWallClock, toWallClock } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { KindIcon } from './KindIcon';
import classes from './AssignmentForm.module.css';

type Counts = ClassroomSchemas['Counts'];
const KINDS: Kind[] = ['material', 'lecture', 'classwork', 'homework', 'quiz', 'group'];
const COUNTS: Counts[] = ['best', 'latest', 'first', 'average'];

export interface AssignmentFields {
  kind: Kind;
  title: string;
  description: string;
  topic_id: string | null;
  due_at: string | null;
  points_possible: string | null;
  counts: Counts | null;
}

interface Props {
  classroomId: string;
  fields: AssignmentFields;
  onChange: (change: Partial<AssignmentFields>) => void;
  /** The kind is chosen once. */
  isNew: boolean;
  problem: Problem | null;
  children: React.ReactNode;
}

/** Everything that an assignment says of itself; the buttons are the children. */
export function AssignmentForm({ classroomId, fields, onChange, isNew, problem, children }: Props) {
  const { t } = useTranslation('assignments');
  const topics = useAppSelector(selectTopics(classroomId));
  const errors = problem?.fields ?? {};
  const graded = fields.kind !== 'material';
  return (
    <Stack>
      {isNew && (
        <KindChoice
          kind={fields.kind}
          onChange={(kind) => onChange({ kind, counts: kind === 'quiz' ? 'best' : null })}
        />
      )}
      <TextInput
        label={t('form.title')}
        required
        maxLength={200}
        size="md"
        value={fields.title}
        onChange={(event) => onChange({ title: event.currentTarget.value })}
        error={errors.title}
      />
      <Textarea
        label={t('form.description')}
        description={t('form.descriptionHint')}
        autosize
        minRows={5}
        maxRows={20}
        value={fields.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
        error={errors.description}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={t('form.topic')}
          placeholder={t('form.noTopic')}
          clearable
          data={topics.map((topic) => ({ value: topic.id, label: topic.title }))}
          value={fields.topic_id}
          onChange={(topic_id) => onChange({ topic_id })}
          error={errors.topic_id}
        />
        <DateTimePicker
          label={t('form.due')}
          placeholder={t('noDue')}
          clearable
          leftSection={<IconCalendar size={18} aria-hidden />}
          value={toWallClock(fields.due_at)}
          onChange={(wall) => onChange({ due_at: fromWallClock(wall) })}
          error={errors.due_at}
          clearButtonProps={{ 'aria-label': t('noDue') }}
        />
        {graded && (
          <NumberInput
            label={t('form.points')}
            min={0}
            decimalScale={2}
            value={fields.points_possible ?? ''}
            onChange={(value) => onChange({ points_possible: value === '' ? null : String(value) })}
            error={errors.points_possible}
          />
        )}
        {fields.kind === 'quiz' && (
          <Select
            label={t('form.counts')}
            allowDeselect={false}
            data={COUNTS.map((value) => ({ value, label: t(`counts.${value}`) }))}
            value={fields.counts ?? 'best'}
            onChange={(counts) => onChange({ counts: counts as Counts })}
          />
        )}
      </SimpleGrid>
      <Failure problem={problem && Object.keys(errors).length === 0 ? problem : null} />
      <Group>{children}</Group>
    </Stack>
  );
}

function KindChoice({ kind, onChange }: { kind: Kind; onChange: (kind: Kind) => void }) {
  const { t } = useTranslation('assignments');
  return (
    <Radio.Group value={kind} onChange={(value) => onChange(value as Kind)} label={t('which')}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" mt={6}>
        {KINDS.map((one) => (
          <Radio.Card key={one} value={one} p="sm" radius="md" className={classes.kind}>
            <Group wrap="nowrap" gap="sm" align="flex-start">
              <KindIcon kind={one} size={22} />
              <div>
                <Text fw={600} size="sm">
                  {t(`kind.${one}`, { ns: 'common' })}
                </Text>
                <Text size="xs" c="dimmed">
                  {t(`kindText.${one}`)}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
