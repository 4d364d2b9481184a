import {
  Group,
  Input,
  NumberInput,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { selectTopics } from '@/features/classrooms/store';
import type { Problem } from '@/shared/api/problem';
import type { ClassroomSchemas, Kind } from '@/shared/api/schemas';
import { UploadList } from '@/features/uploads/components/UploadList';
import { Failure } from '@/shared/components/Failure';
import { Moment } from '@/shared/components/Moment';
import { END_OF_DAY, MORNING } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { isHandedIn, type AssignmentFields } from '../fields';
import { AssignedTo } from './AssignedTo';
import { KindIcon } from './KindIcon';
import { Links } from './Links';
import classes from './AssignmentForm.module.css';

type Counts = ClassroomSchemas['Counts'];
const KINDS: Kind[] = ['material', 'lecture', 'classwork', 'homework', 'quiz', 'group'];
const COUNTS: Counts[] = ['best', 'latest', 'first', 'average'];

/** What is different now; a function where it depends on what stands, which may have changed while a file arrived. */
export type Change = Partial<AssignmentFields> | ((now: AssignmentFields) => Partial<AssignmentFields>);

interface Props {
  classroomId: string;
  fields: AssignmentFields;
  onChange: (change: Change) => void;
  /** The kind is chosen once. */
  isNew: boolean;
  /** Whether its students see it already. */
  isPublished: boolean;
  /** Told whether some file has not arrived yet. */
  onUnderway: (some: boolean) => void;
  problem: Problem | null;
  children: React.ReactNode;
}

/** Everything that an assignment says of itself; the buttons are the children. */
export function AssignmentForm(props: Props) {
  const { classroomId, fields, onChange, isNew, isPublished, onUnderway, problem, children } = props;
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
        <Moment
          label={t(fields.kind === 'lecture' ? 'form.takesPlace' : 'form.due')}
          placeholder={t(fields.kind === 'lecture' ? 'noDate' : 'noDue')}
          time={fields.kind === 'lecture' ? MORNING : END_OF_DAY}
          value={fields.due_at}
          onChange={(due_at) => onChange({ due_at })}
          error={errors.due_at}
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
        {isHandedIn(fields.kind) && (
          <NumberInput
            label={t('form.turnIns')}
            placeholder={t('form.unlimited')}
            min={1}
            max={100}
            allowDecimal={false}
            value={fields.turn_in_limit ?? ''}
            onChange={(value) => onChange({ turn_in_limit: value === '' ? null : Number(value) })}
            error={errors.turn_in_limit}
          />
        )}
      </SimpleGrid>
      {isHandedIn(fields.kind) && fields.due_at !== null && (
        <Switch
          label={t('form.acceptsLate')}
          description={t('form.acceptsLateHint')}
          checked={fields.accepts_late}
          onChange={(event) => onChange({ accepts_late: event.currentTarget.checked })}
        />
      )}
      <Input.Wrapper labelElement="div" label={t('form.files')} error={errors.file_ids}>
        <UploadList
          files={fields.files}
          onUnderway={onUnderway}
          onAdd={(file) => onChange((now) => ({ files: [...now.files, file] }))}
          onRemove={(file) => onChange((now) => ({ files: now.files.filter((one) => one.file_id !== file.file_id) }))}
        />
      </Input.Wrapper>
      <Links links={fields.links} onChange={(links) => onChange({ links })} errors={errors} />
      <AssignedTo
        classroomId={classroomId}
        value={fields.assigned_to}
        onChange={(assigned_to) => onChange({ assigned_to })}
        error={errors.assigned_to}
      />
      {!isPublished && (
        <Moment
          label={t('form.publishAt')}
          description={t('form.publishAtHint')}
          placeholder={t('form.byHand')}
          time={MORNING}
          value={fields.publish_at}
          onChange={(publish_at) => onChange({ publish_at })}
          error={errors.publish_at}
          future
        />
      )}
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
