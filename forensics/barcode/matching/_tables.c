/* The k-mer table of an index: which haplotypes have each k-mer, in two passes over their bases. The first counts,
 * which says where each entry lies, the second one writes. Where a haplotype has IUPAC codes, it has all k-mers that
 * they can stand for. A k-mer that can stand for too many would tell nothing: it is hidden, and counted.
 */

#include "_kernel.h"

#define MOST_LETTERS 12 /* of a k-mer; its number has two bits a letter */
#define MOST_READINGS 64 /* of a k-mer with IUPAC codes, else it is hidden: as reference.MOST_READINGS */

typedef struct {
    PyObject *texts; /* a list of str */
    Py_ssize_t size, k, words;
    uint32_t kmers, *seen, *filled;      /* by k-mer: the haplotype that had it last, from 1; entries so far */
    uint32_t *counts, *offsets, *data;   /* as in the index */
    uint32_t *hidden;                    /* by haplotype */
} Table;

/* Note once that a haplotype has a k-mer: count it, or enter it in the list or bitmap. */
static inline void note_kmer(Table *table, uint32_t kmer, uint32_t haplotype)
{
    if (table->seen[kmer] == haplotype + 1)
        return;
    table->seen[kmer] = haplotype + 1;
    if (!table->data)
        table->counts[kmer]++;
    else if ((Py_ssize_t)table->counts[kmer] > table->words)
        table->data[table->offsets[kmer] + (haplotype >> 5)] |= (uint32_t)1 << (haplotype & 31);
    else
        table->data[table->offsets[kmer] + table->filled[kmer]++] = haplotype;
}

/* Return how many k-mers some letters can stand for, up to one more than MOST_READINGS. */
static uint32_t readings_of(const char *letters, Py_ssize_t k)
{
    uint32_t readings = 1;
    for (Py_ssize_t i = 0; i < k; i++) {
        readings *= (uint32_t)count_bits(kernel_bases_of[(uint8_t)letters[i]]);
        readings = readings > MOST_READINGS ? MOST_READINGS + 1 : readings;
    }
    return readings;
}

/* Note all that some letters can stand for, behind the bases in `kmer`. */
static void note_readings(Table *table, const char *letters, Py_ssize_t left, uint32_t kmer, uint32_t haplotype)
{
    if (!left)
        note_kmer(table, kmer, haplotype);
    for (uint32_t base = 0; left && base < 4; base++)
        if (kernel_bases_of[(uint8_t)*letters] >> base & 1)
            note_readings(table, letters + 1, left - 1, kmer << 2 | base, haplotype);
}

/* Note the k-mers of each haplotype; count how many that lie side by side are hidden. 0 with an error set. */
static int pass_over(Table *table)
{
    static const int8_t number[16] = {[1] = 1, [2] = 2, [4] = 3, [8] = 4}; /* of a plain base, from 1 on */
    memset(table->seen, 0, table->kmers * sizeof *table->seen);
    for (Py_ssize_t haplotype = 0; haplotype < table->size; haplotype++) {
        Py_ssize_t length, clear = 0, unread = 0; /* letters that are plain, and from which on hidden ones count */
        uint32_t kmer = 0, hidden = 0;
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(table->texts, haplotype), &length);
        if (!text)
            return 0;
        for (Py_ssize_t i = 0; i < length; i++) {
            int base = number[kernel_bases_of[(uint8_t)text[i]]] - 1;
            Py_ssize_t place = i - table->k + 1;
            clear = base < 0 ? 0 : clear + 1;
            kmer = (kmer << 2 | ((uint32_t)base & 3)) & (table->kmers - 1);
            if (clear >= table->k)
                note_kmer(table, kmer, (uint32_t)haplotype);
            else if (place >= 0 && readings_of(text + place, table->k) <= MOST_READINGS)
                note_readings(table, text + place, table->k, 0, (uint32_t)haplotype);
            else if (place >= unread) {
                hidden++;
                unread = i + 1;
            }
        }
        table->hidden[haplotype] = hidden;
    }
    return 1;
}

/* Return how many numbers of four bytes the data have; set where each entry begins. */
static uint64_t lay_out(Table *table)
{
    uint64_t end = 0;
    for (uint32_t kmer = 0; kmer < table->kmers; kmer++) {
        table->offsets[kmer] = (uint32_t)end;
        end += (Py_ssize_t)table->counts[kmer] > table->words ? (uint64_t)table->words : table->counts[kmer];
    }
    return end;
}

static PyObject *zeroed(uint64_t numbers, uint32_t **content)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)numbers * 4);
    *content = bytes ? (uint32_t *)PyBytes_AsString(bytes) : NULL;
    if (bytes)
        memset(*content, 0, (size_t)numbers * 4);
    return bytes;
}

PyObject *kernel_kmer_table(PyObject *self, PyObject *args)
{
    Table table = {0};
    PyObject *counts = NULL, *offsets = NULL, *data = NULL, *hidden = NULL, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!n", &PyList_Type, &table.texts, &table.k))
        return NULL;
    table.size = PyList_Size(table.texts);
    if (table.k < 1 || table.k > MOST_LETTERS || table.size >= INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "a k-mer has 1 to 12 letters, and haplotypes have 31 bits");
        return NULL;
    }
    table.words = (table.size + 31) >> 5;
    table.kmers = (uint32_t)1 << 2 * table.k;
    table.seen = malloc(table.kmers * sizeof *table.seen);
    table.filled = calloc(table.kmers, sizeof *table.filled);
    counts = zeroed(table.kmers, &table.counts);
    offsets = zeroed(table.kmers, &table.offsets);
    hidden = zeroed((uint64_t)table.size, &table.hidden);
    if (!table.seen || !table.filled)
        kernel_failed(-1);
    else if (counts && offsets && hidden && pass_over(&table)) {
        uint64_t numbers = lay_out(&table);
        if (numbers > UINT32_MAX)
            PyErr_SetString(PyExc_ValueError, "the k-mer table is larger than its offsets can say");
        else if ((data = zeroed(numbers, &table.data)) && pass_over(&table))
            result = Py_BuildValue("(OOOO)", counts, offsets, data, hidden);
    }
    free(table.seen);
    free(table.filled);
    Py_XDECREF(counts);
    Py_XDECREF(offsets);
    Py_XDECREF(data);
    Py_XDECREF(hidden);
    return result;
}

/* The pieces of SEED letters side by side of each text, two bits a letter (`read_bits`), and before them how many of them
 * are not plain, and 0 here; UINT16_MAX is that many or more. Those of a text that begins at a letter of all lie at an
 * eighth of its place and as many as there are texts before it, so that nothing else says where. */
PyObject *kernel_pieces_of(PyObject *self, PyObject *args)
{
    PyObject *texts, *result;
    Py_ssize_t start, end, size, length;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!n", &PyList_Type, &texts, &start))
        return NULL;
    if (start < 0) {
        PyErr_SetString(PyExc_ValueError, "texts do not begin before the first letter");
        return NULL;
    }
    size = PyList_Size(texts);
    end = start;
    for (Py_ssize_t i = 0; i < size; i++, end += length)
        if (!PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, i), &length))
            return NULL;
    Py_ssize_t numbers = end / SEED - start / SEED + size, first = start / SEED;
    result = PyBytes_FromStringAndSize(NULL, numbers * 2);
    if (!result)
        return NULL;
    uint16_t *pieces = (uint16_t *)PyBytes_AsString(result);
    memset(pieces, 0, (size_t)numbers * 2);
    for (Py_ssize_t i = 0; i < size; i++, start += length) {
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, i), &length);
        uint16_t *own = pieces + start / SEED - first + i, *to = own + 1;
        for (Py_ssize_t place = 0; place + SEED <= length; place += SEED) {
            uint32_t bits = read_bits(text + place);
            *own += bits == KMERS && *own < UINT16_MAX;
            *to++ = (uint16_t)bits;
        }
    }
    return result;
}
