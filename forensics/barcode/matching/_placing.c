/* The edits of one sequence placed whole, with free ends, in another: forensics.barcode.matching.placing
 * in C. Optional; without it edlib gives the same numbers.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* one build for Python 3.11 and later */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORD 64

/* What each letter can stand for, a bit a base; 0 for what is no IUPAC code. */
static const char CODES[] = "ACGTRYSWKMBDHVN";
static const uint8_t STANDS_FOR[] = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};

static uint8_t stands_for[256]; /* filled when the module is made, and only read afterwards */

static void fill_letters(void)
{
    for (size_t i = 0; i < sizeof STANDS_FOR; i++)
        stands_for[(unsigned char)CODES[i]] = STANDS_FOR[i];
}

typedef struct {
    uint64_t up, down; /* rows of a column that lie one above, one below the row before them */
    Py_ssize_t score;  /* edits in the last row */
} Block;

/* Return a block whose rows each cost an edit more than the one above. */
static Block new_block(Py_ssize_t above, Py_ssize_t number, Py_ssize_t blocks, Py_ssize_t rows)
{
    rows = number == blocks - 1 ? rows - number * WORD : WORD;
    return (Block){~(uint64_t)0, 0, above + rows};
}

/* The columns where placements with the fewest edits end, ascending; room for all of them. */
typedef struct {
    Py_ssize_t *column, count;
} Ends;

/* Lower the best score to that of a column, and note where it is reached. */
static inline void note(Py_ssize_t score, Py_ssize_t column, Py_ssize_t *best, Py_ssize_t most,
                        Ends *ends)
{
    if (score < *best) {
        *best = score;
        if (ends)
            ends->count = 0;
    }
    if (ends && score == *best && score <= most)
        ends->column[ends->count++] = column;
}

/* Fewest edits in the last row of one block alone; `equal` by code, `anchored` as below. */
static Py_ssize_t placed_in_word(const uint64_t *equal, Py_ssize_t m, const uint8_t *outer,
                                 Py_ssize_t n, Py_ssize_t most, int anchored, Ends *ends)
{
    uint64_t up = ~(uint64_t)0, down = 0;
    Py_ssize_t score = m, best = most + 1;
    int shift = (int)m - 1;
    for (Py_ssize_t column = 0; column < n; column++) {
        uint64_t same = equal[stands_for[outer[column]]], vertical = same | down;
        uint64_t diagonal = (((same & up) + up) ^ up) | same;
        uint64_t right = down | ~(diagonal | up), left = up & diagonal;
        score += (Py_ssize_t)(right >> shift & 1) - (Py_ssize_t)(left >> shift & 1);
        right = right << 1 | (uint64_t)anchored;
        up = left << 1 | ~(vertical | right);
        down = right & vertical;
        note(score, column, &best, most, ends);
    }
    return best;
}

/* Return the least edits of `inner` placed whole in `outer`, with free ends, or `anchored` at its
 * beginning; -1 above `most`, -2 where both have letters that are no IUPAC codes, -3 without
 * memory. Such a letter in one of them alone fits nothing. Only what is anchored may be the longer.
 *
 * Myers 1999, doi:10.1145/316542.316550, in blocks (Hyyroe 2003), as edlib has it; but only the
 * blocks that a placement of at most `most` edits can cross are computed, those of the diagonals
 * from -most to outer - inner + most, or to most. What lies beyond is taken as higher than it can be. */
static Py_ssize_t placed(const uint8_t *inner, Py_ssize_t m, const uint8_t *outer, Py_ssize_t n,
                         Py_ssize_t most, int anchored, Ends *ends)
{
    int strange = 0;
    unsigned codes = 0;
    if (anchored && n > m + most) /* no placement ends further on */
        n = m + most;
    Py_ssize_t blocks = (m + WORD - 1) / WORD, best = most + 1, shift = anchored ? 0 : n - m;
    uint64_t of_word[16] = {0}, *equal = of_word;
    Block *block = NULL;
    if (blocks > 1) {
        equal = calloc((size_t)blocks * 16, sizeof *equal);
        block = malloc((size_t)blocks * sizeof *block);
        if (!equal || !block) {
            best = -3;
            goto done;
        }
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        unsigned code = stands_for[inner[i]];
        uint64_t *here = equal + i / WORD * 16;
        strange |= code ? 0 : 1;
        for (; code; code &= code - 1) /* a bit a base; mostly one */
            here[code & -code] |= (uint64_t)1 << i % WORD;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned code = stands_for[outer[i]];
        strange |= code ? 0 : 2;
        codes |= code ? code & (code - 1) : 0;
    }
    if (strange == 3) {
        best = -2;
        goto done;
    }
    for (Py_ssize_t b = 0; codes && b < blocks; b++)
        for (int code = 1; code < 16; code++)
            for (int base = 0; base < 4; base++)
                if (code >> base & 1)
                    equal[b * 16 + code] |= equal[b * 16 + (1 << base)];
    if (blocks == 1) {
        best = placed_in_word(equal, m, outer, n, most, anchored, ends);
        goto told;
    }
    /* Live are the blocks from first to last: all that hold a cell of at most `most` edits. */
    Py_ssize_t first = 0, last = -1;
    int last_bit = (int)((m - 1) % WORD);
    for (Py_ssize_t column = 0; column < n; column++) {
        const uint64_t *of_code = equal + stands_for[outer[column]];
        Py_ssize_t top = column - shift - most, bottom = column + most;
        Py_ssize_t lowest = bottom / WORD < blocks ? bottom / WORD : blocks - 1;
        if (top > 0 && top / WORD > first)
            first = top / WORD;
        if (first && first > last) {
            if (first > last + 1 || block[last].score > most)
                break;
            block[first] = new_block(block[last].score, first, blocks, m);
            last = first;
        }
        /* The step along the row above: at the very top all is free, unless it is anchored. */
        uint64_t in_right = first || anchored, in_left = 0;
        for (Py_ssize_t b = first; b <= lowest; b++) {
            if (b > last) { /* reached from the block above, now or in the column before */
                Py_ssize_t now = b ? block[b - 1].score : 0;
                Py_ssize_t above = b ? now - (Py_ssize_t)in_right + (Py_ssize_t)in_left : 0;
                if (above > most && now > most)
                    break;
                block[b] = new_block(above, b, blocks, m);
                last = b;
            }
            Block *here = block + b;
            uint64_t same = of_code[b * 16], up = here->up, down = here->down;
            uint64_t vertical = same | down, right, left;
            int end = b == blocks - 1 ? last_bit : WORD - 1;
            same |= in_left;
            uint64_t diagonal = (((same & up) + up) ^ up) | same;
            right = down | ~(diagonal | up);
            left = up & diagonal;
            uint64_t out_right = right >> end & 1, out_left = left >> end & 1;
            right = right << 1 | in_right;
            left = left << 1 | in_left;
            here->up = left | ~(vertical | right);
            here->down = right & vertical;
            here->score += (Py_ssize_t)out_right - (Py_ssize_t)out_left;
            in_right = out_right;
            in_left = out_left;
        }
        if (last == blocks - 1)
            note(block[last].score, column, &best, most, ends);
        while (last > first && block[last].score >= most + WORD)
            last--;
        while (first && first <= last && block[first].score >= most + WORD)
            first++;
    }
told:
    if (best > most)
        best = -1;
done:
    if (equal != of_word)
        free(equal);
    free(block);
    return best;
}

/* -- from and to Python ------------------------------------------------------------------ */

static PyObject *edits(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || m > n || most < 0) {
        PyErr_SetString(PyExc_ValueError, "the first sequence is the shorter one, and not empty");
        return NULL;
    }
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, NULL);
    return found == -3 ? PyErr_NoMemory() : PyLong_FromSsize_t(found);
}

static void turn(uint8_t *to, const char *from, Py_ssize_t length)
{
    for (Py_ssize_t i = 0; i < length; i++)
        to[i] = (uint8_t)from[length - 1 - i];
}

static PyObject *starts(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || m > n || most < 0) {
        PyErr_SetString(PyExc_ValueError, "the first sequence is the shorter one, and not empty");
        return NULL;
    }
    Ends ends = {malloc((size_t)n * sizeof *ends.column), 0};
    Ends back = {malloc((size_t)n * sizeof *back.column), 0};
    uint8_t *turned = malloc((size_t)(m + n));
    if (!ends.column || !back.column || !turned)
        goto memory;
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, &ends);
    if (found == -3)
        goto memory;
    if (found == -2 || found == m) { /* not told here: unknown letters, nothing in common */
        Py_INCREF(Py_None);
        result = Py_None;
        goto done;
    }
    result = PyList_New(0);
    if (!result || found < 0)
        goto done;
    turn(turned, inner, m);
    turn(turned + m, outer, n);
    for (Py_ssize_t i = 0; i < ends.count; i++) {
        /* Backwards from where it ends, to the furthest of the equally good places. */
        Py_ssize_t end = ends.column[i] + 1;
        back.count = 0;
        if (placed(turned, m, turned + m + n - end, end, found, 1, &back) != found)
            goto memory; /* it can be nothing else */
        PyObject *place = PyLong_FromSsize_t(end - 1 - back.column[back.count - 1]);
        if (!place || PyList_Append(result, place)) {
            Py_XDECREF(place);
            Py_DECREF(result);
            result = NULL;
            goto done;
        }
        Py_DECREF(place);
    }
    goto done;
memory:
    Py_XDECREF(result);
    result = PyErr_NoMemory();
done:
    free(ends.column);
    free(back.column);
    free(turned);
    return result;
}

static PyObject *along(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found, end = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || n < 1 || most < 0) {
        PyErr_SetString(PyExc_ValueError, "a sequence that is empty");
        return NULL;
    }
    Ends ends = {malloc((size_t)n * sizeof *ends.column), 0};
    if (!ends.column)
        return PyErr_NoMemory();
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 1, &ends);
    if (found == m)
        found = -2; /* nothing in common: not told here */
    else if (found >= 0)
        end = ends.column[ends.count - 1] + 1;
    free(ends.column);
    return found == -3 ? PyErr_NoMemory() : Py_BuildValue("(nn)", found, end);
}

static PyObject *fitting(PyObject *self, PyObject *args)
{
    PyObject *inners, *result, *place;
    const char *outer;
    char *inner;
    Py_ssize_t m, n, most, found;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!y#n", &PyTuple_Type, &inners, &outer, &n, &most))
        return NULL;
    result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < PyTuple_Size(inners); i++) {
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(inners, i), &inner, &m))
            goto failed;
        if (m < 1 || most < 0 || m > n) {
            PyErr_SetString(PyExc_ValueError, "a sequence that is empty or too long");
            goto failed;
        }
        found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most, 0, NULL);
        if (found == -3) {
            PyErr_NoMemory();
            goto failed;
        }
        if (found == -1)
            continue;
        place = PyLong_FromSsize_t(i); /* of what it cannot tell, the caller finds out */
        if (!place || PyList_Append(result, place)) {
            Py_XDECREF(place);
            goto failed;
        }
        Py_DECREF(place);
    }
    return result;
failed:
    Py_XDECREF(result);
    return NULL;
}

static PyMethodDef methods[] = {
    {"edits", edits, METH_VARARGS,
     "edits(inner, outer, most): of inner placed whole in outer; -1 above most, -2 unknown letters"},
    {"starts", starts, METH_VARARGS,
     "starts(inner, outer, most): where the best placements begin; None where it cannot tell"},
    {"along", along, METH_VARARGS,
     "along(inner, outer, most): edits of inner placed at the beginning of outer, and where the "
     "longest of the best placements ends; edits -1 above most, -2 where it cannot tell"},
    {"fitting", fitting, METH_VARARGS,
     "fitting(inners, outer, most): places of those that may lie in outer with so few edits"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_placing", NULL, 0, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__placing(void)
{
    fill_letters();
    return PyModule_Create(&module);
}
