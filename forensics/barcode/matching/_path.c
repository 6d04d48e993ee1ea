/* One best placement, base by base.
 *
 * Of equally good paths, read backwards, a base of the inner sequence alone comes before one of the outer
 * alone, and both before two that stand opposite: the same rule however long the sequences are. What the
 * way back needs is kept of so many columns alone as are looked at together; before, from column to
 * column, a state is kept here and there, from which they are computed again.
 */

#include "_kernel.h"

/* Of a word of rows in a column: who costs one more than the row above, and than the column before. */
typedef struct {
    uint64_t up, right;
} Steps;

typedef struct {
    const Pair *pair;
    Py_ssize_t words, width;
    uint8_t number[256];
    uint64_t *equal;
    Py_ssize_t block; /* columns that are looked at together */
    Rows *state;      /* before the first column of each block */
    Steps *steps;     /* of the columns of a block */
} Table;

/* Steps of one kind in a row, from the last to the first. */
typedef struct {
    Py_ssize_t *count, used;
    char *step;
} Runs;

static int reserve_table(Table *table, const Pair *pair)
{
    table->pair = pair;
    table->words = (pair->m + WORD - 1) / WORD;
    table->width = kernel_number_letters(pair->inner, pair->m, pair->exact, table->number);
    for (table->block = WORD; table->block * table->block < pair->n;)
        table->block += WORD;
    size_t words = (size_t)table->words, blocks = (size_t)(pair->n / table->block) + 1;
    table->equal = malloc(words * (size_t)table->width * sizeof *table->equal);
    table->state = malloc(words * blocks * sizeof *table->state);
    table->steps = malloc(words * (size_t)table->block * sizeof *table->steps);
    if (!table->equal || !table->state || !table->steps)
        return 0;
    kernel_fill_equal(pair->inner, pair->m, pair->exact, table->number, table->equal, table->width);
    return 1;
}

static void free_table(Table *table)
{
    free(table->equal);
    free(table->state);
    free(table->steps);
}

/* Compute the columns of a block, from its state to that of the next one; keep their `steps` or not. Words of rows that
 * no placement of so few edits crosses are left out: what is beside them is taken as higher than it can be. */
static void fill_block(Table *table, Py_ssize_t number, Steps *steps)
{
    const Pair *pair = table->pair;
    Py_ssize_t words = table->words, column = number * table->block;
    Py_ssize_t end = column + table->block < pair->n ? column + table->block : pair->n;
    Rows *from = table->state + number * words, *at = from + words;
    int is_last = end == pair->n;
    for (; column < end; column++, steps += steps ? words : 0) {
        const uint64_t *equal = table->equal + table->number[pair->outer[column]];
        Py_ssize_t w = column > pair->max_edits ? (column - pair->max_edits) / WORD : 0;
        int32_t higher = 1; /* the placement is of the whole outer sequence */
        for (; w < words && w <= (column + pair->max_edits) / WORD; w++) {
            uint64_t rose;
            higher = step_column(&from[w], equal[w * table->width], higher > 0, higher < 0, WORD - 1,
                                 &rose);
            if (steps)
                steps[w] = (Steps){from[w].up, rose};
        }
    }
    if (!steps && !is_last)
        memcpy(at, from, (size_t)words * sizeof *at);
}

static void add_step(Runs *runs, char step, Py_ssize_t count)
{
    if (!count)
        return;
    if (!runs->used || runs->step[runs->used - 1] != step) {
        runs->step[runs->used] = step;
        runs->count[runs->used++] = 0;
    }
    runs->count[runs->used - 1] += count;
}

/* Find the steps from the whole inner to the whole outer sequence; 0 without memory. */
static int find_runs(const Pair *pair, Runs *runs)
{
    Table table;
    Py_ssize_t row = pair->m - 1, column = pair->n - 1, last;
    if (!reserve_table(&table, pair)) {
        free_table(&table);
        return 0;
    }
    last = column / table.block;
    Rows *before = malloc((size_t)table.words * sizeof *before);
    if (!before) {
        free_table(&table);
        return 0;
    }
    for (Py_ssize_t w = 0; w < table.words; w++)
        table.state[w] = (Rows){~(uint64_t)0, 0};
    for (Py_ssize_t number = 0; number < last; number++) {
        /* The state before the block is needed again: the block works on a copy of it. */
        memcpy(before, table.state + number * table.words, (size_t)table.words * sizeof *before);
        fill_block(&table, number, NULL);
        memcpy(table.state + number * table.words, before, (size_t)table.words * sizeof *before);
    }
    for (Py_ssize_t number = last; number >= 0 && row >= 0; number--) {
        Py_ssize_t first = number * table.block;
        fill_block(&table, number, table.steps);
        while (row >= 0 && column >= first) {
            Steps here = table.steps[(column - first) * table.words + row / WORD];
            if (here.up >> row % WORD & 1) {
                add_step(runs, 'I', 1);
                row--;
            } else if (here.right >> row % WORD & 1) {
                add_step(runs, 'D', 1);
                column--;
            } else {
                uint8_t code = table.number[pair->outer[column]];
                uint64_t same = table.equal[row / WORD * table.width + code] >> row % WORD & 1;
                add_step(runs, same ? '=' : 'X', 1);
                row--;
                column--;
            }
        }
    }
    add_step(runs, 'I', row + 1);
    add_step(runs, 'D', column + 1);
    free(before);
    free_table(&table);
    return 1;
}

static PyObject *path(PyObject *args, int anchored)
{
    Pair pair;
    Py_ssize_t start, end;
    PyObject *list = NULL, *result = NULL;
    if (!kernel_read_pair(args, &pair))
        return NULL;
    Py_ssize_t edits = kernel_first_placement(&pair, anchored, &start, &end);
    if (edits == -3)
        return PyErr_NoMemory();
    if (edits < 0)
        return Py_BuildValue("(OnN)", Py_None, (Py_ssize_t)0, PyList_New(0));
    Pair placed = {pair.inner, pair.outer + start, pair.m, end - start, edits, pair.exact};
    size_t room = (size_t)(pair.m + end - start);
    Runs runs = {malloc(room * sizeof *runs.count), 0, malloc(room)};
    if (!runs.count || !runs.step || !find_runs(&placed, &runs)) {
        PyErr_NoMemory();
        goto done;
    }
    list = PyList_New(0);
    while (list && runs.used--) {
        PyObject *run = Py_BuildValue("(nC)", runs.count[runs.used], (int)runs.step[runs.used]);
        if (!run || PyList_Append(list, run)) {
            Py_DECREF(list);
            list = NULL;
        }
        Py_XDECREF(run);
    }
    if (list)
        result = Py_BuildValue("(nnO)", edits, start, list);
done:
    Py_XDECREF(list);
    free(runs.count);
    free(runs.step);
    return result;
}

PyObject *kernel_semiglobal_path(PyObject *self, PyObject *args)
{
    (void)self;
    return path(args, 0);
}

PyObject *kernel_prefix_path(PyObject *self, PyObject *args)
{
    (void)self;
    return path(args, 1);
}
