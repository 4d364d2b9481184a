import { Select, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { option, pair, type Errors, type Of } from './draft';
import { ListOf } from './ListOf';

interface Props<Question> {
  question: Question;
  onChange: (question: Question) => void;
  errors: Errors;
}

/** What belongs together, and rights that belong to nothing. */
export function MatchingFields({ question, onChange, errors }: Props<Of<'matching'>>) {
  const { t } = useTranslation('quiz');
  const set = (change: Partial<Of<'matching'>>) => onChange({ ...question, ...change });
  return (
    <>
      <ListOf
        items={question.pairs}
        onChange={(pairs) => set({ pairs })}
        add={pair}
        addText={t('editor.addPair')}
        least={2}
        most={30}
        row={(one, change, index) =>
          (['left', 'right'] as const).map((side) => (
            <TextInput
              key={side}
              flex={1}
              maxLength={5000}
              aria-label={t(`editor.${side}`, { number: index + 1 })}
              placeholder={t(`editor.${side}`, { number: index + 1 })}
              value={one[side]}
              onChange={(event) => change({ [side]: event.currentTarget.value })}
              error={errors[`pairs.${index}.${side}`]}
            />
          ))
        }
      />
      <Text size="sm" fw={500}>
        {t('editor.distractors')}
      </Text>
      <Options
        place="distractors"
        items={question.distractors ?? []}
        onItems={(distractors) => set({ distractors })}
        errors={errors}
      />
      <PartialCredit value={question.credit} onChange={(credit) => set({ credit })} />
    </>
  );
}

/** Items in their right order. */
export function OrderingFields({ question, onChange, errors }: Props<Of<'ordering'>>) {
  const { t } = useTranslation('quiz');
  return (
    <>
      <Text size="sm">{t('editor.orderHint')}</Text>
      <Options
        place="items"
        items={question.items}
        onItems={(items) => onChange({ ...question, items })}
        errors={errors}
        least={2}
      />
      <PartialCredit value={question.credit} onChange={(credit) => onChange({ ...question, credit })} />
    </>
  );
}

interface OptionsProps {
  place: 'items' | 'distractors';
  items: { id?: string; text: string }[];
  onItems: (items: { id: string; text: string }[]) => void;
  errors: Errors;
  least?: number;
}

function Options({ place, items, onItems, errors, least = 0 }: OptionsProps) {
  const { t } = useTranslation('quiz');
  return (
    <ListOf
      items={items as { id: string; text: string }[]}
      onChange={onItems}
      add={option}
      addText={t(`editor.add.${place}`)}
      least={least}
      most={30}
      ordered={place === 'items'}
      row={(one, change, index) => (
        <TextInput
          flex={1}
          maxLength={5000}
          aria-label={t(`editor.one.${place}`, { number: index + 1 })}
          value={one.text}
          onChange={(event) => change({ text: event.currentTarget.value })}
          error={errors[`${place}.${index}.text`]}
        />
      )}
    />
  );
}

type Credit = 'all_or_nothing' | 'partial';

function PartialCredit({ value, onChange }: { value: Credit | undefined; onChange: (credit: Credit) => void }) {
  const { t } = useTranslation('quiz');
  return (
    <Select
      label={t('editor.credit')}
      allowDeselect={false}
      maw={420}
      data={(['all_or_nothing', 'partial'] as const).map((one) => ({ value: one, label: t(`editor.credits.${one}`) }))}
      value={value ?? 'partial'}
      onChange={(credit) => onChange(credit as Credit)}
    />
  );
}
