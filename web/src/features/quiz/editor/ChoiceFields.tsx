import { Checkbox, NumberInput, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { choice, type Errors, type Of } from './draft';
import { ListOf } from './ListOf';

type Question = Of<'single_choice'> | Of<'multiple_choice'>;
type Choice = Question['choices'][number];

interface Props {
  question: Question;
  onChange: (question: Question) => void;
  errors: Errors;
}

const CREDITS = {
  single_choice: ['all_or_nothing', 'weighted'],
  multiple_choice: ['all_or_nothing', 'partial', 'per_choice', 'weighted'],
} as const;

/** What can be chosen, what of it is right, and how a partly right answer counts. */
export function ChoiceFields({ question, onChange, errors }: Props) {
  const { t } = useTranslation('quiz');
  const single = question.kind === 'single_choice';
  const set = (change: Partial<Question>) => onChange({ ...question, ...change } as Question);
  function mark(index: number, correct: boolean) {
    const choices = question.choices.map((one, at) =>
      at === index ? { ...one, correct } : single ? { ...one, correct: false } : one,
    );
    set({ choices });
  }
  const row = (one: Choice, change: (change: Partial<Choice>) => void, index: number) => {
    const Mark = single ? Radio : Checkbox;
    return (
      <>
        <Mark
          mt={8}
          checked={one.correct ?? false}
          aria-label={t('editor.isCorrect', { number: index + 1 })}
          onChange={(event) => mark(index, event.currentTarget.checked)}
        />
        <Stack gap={4} flex={1}>
          <Textarea
            autosize
            minRows={1}
            maxLength={5000}
            aria-label={t('editor.choice', { number: index + 1 })}
            value={one.text}
            onChange={(event) => change({ text: event.currentTarget.value })}
            error={errors[`choices.${index}.text`]}
          />
          <TextInput
            size="xs"
            maxLength={5000}
            placeholder={t('editor.choiceFeedback')}
            aria-label={`${t('editor.choiceFeedback')}, ${index + 1}`}
            value={one.feedback ?? ''}
            onChange={(event) => change({ feedback: event.currentTarget.value })}
            error={errors[`choices.${index}.feedback`]}
          />
        </Stack>
        {question.credit === 'weighted' && (
          <NumberInput
            w={110}
            suffix=" %"
            min={-100}
            max={100}
            aria-label={t('editor.weight', { number: index + 1 })}
            value={one.weight ?? '0'}
            onChange={(weight) => change({ weight: String(weight || 0) })}
            error={errors[`choices.${index}.weight`]}
          />
        )}
      </>
    );
  };
  return (
    <>
      <ListOf
        items={question.choices}
        onChange={(choices) => set({ choices })}
        add={() => choice()}
        addText={t('editor.addChoice')}
        least={2}
        most={30}
        row={row}
        ordered
      />
      <Select
        label={t('editor.credit')}
        allowDeselect={false}
        maw={420}
        data={CREDITS[question.kind].map((value) => ({ value, label: t(`editor.credits.${value}`) }))}
        value={question.credit ?? null}
        onChange={(credit) => set({ credit } as Partial<Question>)}
        error={errors['credit']}
      />
    </>
  );
}
