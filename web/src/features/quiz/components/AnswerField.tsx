import {
  ActionIcon,
  Checkbox,
  Group,
  Radio,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
  VisuallyHidden as Unseen,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { answer } from '../connection';
import type { Question } from '../frames';
import { selectAttempt } from '../store';
import { Prose } from '@/shared/components/Prose';

interface Props {
  question: Question;
  isOpen: boolean;
}

interface FieldProps {
  question: Question;
  isOpen: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Where one answers, by the kind of question. The shapes of the values are in docs/quiz-protocol.md. */
export function AnswerField({ question, isOpen }: Props) {
  const dispatch = useAppDispatch();
  const value = useAppSelector(selectAttempt).answers[question.id]?.value ?? null;
  return (
    <AnswerInput
      question={question}
      isOpen={isOpen}
      value={value}
      onChange={(next) => dispatch(answer(question.id, next))}
    />
  );
}

/** An answer that its caller keeps: also in a preview, and when looked at afterwards. */
export function AnswerInput(props: FieldProps) {
  switch (props.question.kind) {
    case 'single_choice':
      return <Single {...props} />;
    case 'multiple_choice':
      return <Multiple {...props} />;
    case 'true_false':
      return <TrueFalse {...props} />;
    case 'numeric':
      return <Numeric {...props} />;
    case 'matching':
      return <Matching {...props} />;
    case 'ordering':
      return <Ordering {...props} />;
    default:
      return <Written {...props} />;
  }
}

/** What a formula in a name reads as, for whom its picture is nothing; a name without one reads as it is. */
function inWords(text: string): string | undefined {
  if (!text.includes('$')) return undefined;
  return text.replace(/\$+([^$]*)\$+/g, (_, formula: string) =>
    formula.replaceAll('^\\circ', '°').replace(/\\([a-zA-Z]+)/g, ' $1 '),
  );
}

function Single({ question, isOpen, value, onChange }: FieldProps) {
  return (
    <Radio.Group label={<Unseen>{question.title}</Unseen>} value={(value as string | null) ?? ''} onChange={onChange}>
      <Stack gap="sm">
        {question.choices?.map((choice) => (
          <Radio
            key={choice.id}
            value={choice.id}
            label={<Prose text={choice.text} />}
            aria-label={inWords(choice.text)}
            disabled={!isOpen}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function Multiple({ question, isOpen, value, onChange }: FieldProps) {
  return (
    <Checkbox.Group
      label={<Unseen>{question.title}</Unseen>}
      value={(value as string[] | null) ?? []}
      onChange={onChange}
    >
      <Stack gap="sm">
        {question.choices?.map((choice) => (
          <Checkbox
            key={choice.id}
            value={choice.id}
            label={<Prose text={choice.text} />}
            aria-label={inWords(choice.text)}
            disabled={!isOpen}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

function TrueFalse({ question, isOpen, value, onChange }: FieldProps) {
  const { t } = useTranslation('quiz');
  return (
    <Radio.Group
      label={<Unseen>{question.title}</Unseen>}
      value={value === true ? 'true' : value === false ? 'false' : ''}
      onChange={(next) => onChange(next === 'true')}
    >
      <Stack gap="sm">
        <Radio value="true" label={t('true')} disabled={!isOpen} />
        <Radio value="false" label={t('false')} disabled={!isOpen} />
      </Stack>
    </Radio.Group>
  );
}

function Numeric({ question, isOpen, value, onChange }: FieldProps) {
  const { t } = useTranslation('quiz');
  const given = (value as { number: string; unit?: string } | null) ?? { number: '' };
  const set = (change: Partial<typeof given>) => {
    const next = { ...given, ...change };
    onChange(next.number === '' && !next.unit ? null : next);
  };
  return (
    <Group align="flex-end">
      <TextInput
        label={t('number')}
        inputMode="decimal"
        disabled={!isOpen}
        value={given.number}
        onChange={(event) => set({ number: event.currentTarget.value })}
      />
      {question.unit_required ? (
        <TextInput
          label={t('unit')}
          w={120}
          disabled={!isOpen}
          value={given.unit ?? ''}
          onChange={(event) => set({ unit: event.currentTarget.value })}
        />
      ) : (
        question.unit && <Text pb={6}>{question.unit}</Text>
      )}
    </Group>
  );
}

function Matching({ question, isOpen, value, onChange }: FieldProps) {
  const chosen = (value as Record<string, string> | null) ?? {};
  const rights = question.rights?.map((one) => ({ value: one.id, label: one.text })) ?? [];
  return (
    <Stack gap="sm">
      {question.lefts?.map((left) => (
        <Select
          key={left.id}
          label={<Prose text={left.text} />}
          aria-label={inWords(left.text) ?? left.text}
          data={rights}
          renderOption={({ option }) => <Prose text={option.label} />}
          clearable
          disabled={!isOpen}
          value={chosen[left.id] ?? null}
          onChange={(right) => {
            const others = Object.fromEntries(Object.entries(chosen).filter(([id]) => id !== left.id));
            onChange(right ? { ...others, [left.id]: right } : others);
          }}
        />
      ))}
    </Stack>
  );
}

function Ordering({ question, isOpen, value, onChange }: FieldProps) {
  const { t } = useTranslation('quiz');
  const items = question.items ?? [];
  const order = (value as string[] | null) ?? items.map((item) => item.id);
  const texts = new Map(items.map((item) => [item.id, item.text]));
  function move(from: number, to: number) {
    const next = [...order];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  }
  return (
    <Stack gap={6} component="ol" pl={0} style={{ listStyle: 'none' }}>
      {order.map((id, index) => (
        <Group key={id} component="li" wrap="nowrap" gap="xs">
          <ActionIcon
            variant="default"
            disabled={!isOpen || index === 0}
            aria-label={t('up', { item: texts.get(id) })}
            onClick={() => move(index, index - 1)}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            disabled={!isOpen || index === order.length - 1}
            aria-label={t('down', { item: texts.get(id) })}
            onClick={() => move(index, index + 1)}
          >
            <IconArrowDown size={16} />
          </ActionIcon>
          <Prose text={texts.get(id) ?? ''} />
        </Group>
      ))}
    </Stack>
  );
}

function Written({ question, isOpen, value, onChange }: FieldProps) {
  const { t } = useTranslation('quiz');
  const shared = {
    'aria-label': `${question.title}, ${t('answer')}`,
    disabled: !isOpen,
    value: (value as string | null) ?? '',
  };
  if (question.kind === 'essay')
    return (
      <Textarea
        {...shared}
        autosize
        minRows={8}
        maxLength={50_000}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
    );
  return <TextInput {...shared} maxLength={500} onChange={(event) => onChange(event.currentTarget.value || null)} />;
}
