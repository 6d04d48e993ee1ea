# %% [markdown]
# # Lesson 1: what a barcode says, and what it does not
#
# **Goal.** You read the result of an identification, and you say in a report what it supports and no more.
#
# You need half an hour and no network. First choose *Edit*, *Clear Outputs of All Cells*, so that you see no result
# before your own answer. Then run each cell with Shift + Enter, in order. Where a cell says `answer = None`, write
# your answer in the place of `None` and run the cell again: ✔ is right, ✘ comes with a hint, and ☐ waits for you.
# If red text appears, a quotation mark is missing, or a comma stands in a number: write `"b"` and `0.5`.
# A wrong answer costs nothing here. In a report it does.

# %%
import pandas

import forensics
from forensics import training

training.begin("en")
library = training.workshop_library()

# %% [markdown]
# ## 1. A skin at the airport
#
# Customs open a suitcase at an airport in Central Africa. In it are a piece of spotted skin, a bag of scales, grey
# feathers, a tusk, a carving that was sold as ivory, and dried meat that was declared as beef. The story is
# invented. The DNA sequences are real, and the animals that they are of were kept out of the library, so no sample
# can find itself.
#
# A **DNA barcode** is a short piece of DNA, the same piece in every species. It differs between most species and
# hardly within one. For animals it is usually a part of COI, a gene of the mitochondria, which come from the mother
# alone. A **library** is a set of such sequences of specimens whose species is known. The sequence of the exhibit is
# compared with all of them.

# %%
exhibits = training.exhibits()
results = forensics.identify(exhibits["skin"], library=library)
skin = results[0]
results

# %% [markdown]
# Click on the line: it unfolds. *Best match* is the nearest record of the library. *Closest other* is the nearest
# record of **another** species.
#
# **Question 1.1.** How many bases of the skin differ from the closest other species?

# %%
answer = None  # a number
training.check("1.1", answer, about=skin)

# %% [markdown]
# The name rests on this distance: none or few differences to one species, many to every other one. Where the two are
# close together, no name of a species can be given, however good the best match is.
#
# **Question 1.2.** The best match is identical, base by base. Which sentence may stand in the report?
#
# - **a** The skin is of the leopard from which the record in the library was taken.
# - **b** The sequence of the skin agrees with leopards in the library and differs from all other species in it.
# - **c** The skin is of a leopard with certainty, because the match is 100%.

# %%
answer = None  # "a", "b" or "c"
training.check("1.2", answer)

# %% [markdown]
# ## 2. An assumption that is yours
#
# No sequence says whether the library holds the right species at all. That is an assumption, the **prior**. The
# result above was made with 0.9: of ten exhibits like this one, nine are of a species in the library. Now somebody
# who knows nothing about the case takes even odds, 0.5. The sequence and the records remain the same.
#
# **Question 1.3.** Which rank will the answer have then: species, genus or family? Decide before you look at it.

# %%
even = forensics.identify(exhibits["skin"], library=library, in_library_prior=0.5)
answer = None  # "species", "genus" or "family"
training.check("1.3", answer, about=even[0])

# %%
even

# %% [markdown]
# The assumption is yours, not the sample's. So it stands in the report, and you can be asked for its reason.
#
# ## 3. Meat that is no beef
#
# The dried meat was declared as beef. The table shows how probable each name is, by rank. *none* is the probability
# that the library has no record of the species, or genus, or family at all. A name needs 0.95.

# %%
meat = forensics.identify(exhibits["biltong"], library=library)[0]
pandas.DataFrame(meat.call.probabilities).round(2).astype(object).fillna("")
# %% [markdown]
# **Question 1.4.** Which name would you give in the report? It may be of a species, a genus or a family.

# %%
answer = None  # a scientific name
training.check("1.4", answer, about=meat)

# %%
meat

# %% [markdown]
# A program that always names the best match names something here, too, and it is wrong. The meat is of a greater
# kudu, an antelope that lives as far west as Chad, and this library has no record of it.
#
# **Question 1.5.** The prosecutor asks: "Only a family? So your test has failed?" What do you answer?
#
# - **a** Yes. Without a species the result is worth nothing.
# - **b** No. It is of that family, so it is of a protected species.
# - **c** No. The meat is of that family. Which species it is, this library cannot say; it may lack the species.

# %%
answer = None  # "a", "b" or "c"
training.check("1.5", answer)

# %% [markdown]
# ## 4. Two answers that stop at the genus
#
# The carving was sold as ivory. The tusk is ivory, as everybody can see.

# %%
pair = forensics.identify([exhibits["carving"], exhibits["tusk"]], library=library)
pair

# %% [markdown]
# **Question 1.6.** Which statements about the **carving** does the evidence support? There are two.
#
# - **a** Its DNA is not that of an elephant.
# - **b** It comes from a farm of this country.
# - **c** Its DNA is of cattle or a near relative of cattle, provided that the blank of the run was clean.
# - **d** Its trade was legal.

# %%
answer = None  # letters, such as "a d"
training.check("1.6", answer)

# %% [markdown]
# **Question 1.7.** The **tusk** stops at the genus *Loxodonta*, though the whole gene was read. Why? Unfold its line
# and read the notes.
#
# - **a** The sequence is too short.
# - **b** Savannah and forest elephants have interbred, and a line of mothers may be found in both.
# - **c** The library lacks one of the two.

# %%
answer = None  # "a", "b" or "c"
training.check("1.7", answer)

# %% [markdown]
# CITES lists both elephants under one name, *Loxodonta africana*. Which Appendix holds depends on the country that
# the elephant is from, and a barcode does not say that. Lesson 4 does.
#
# ## The picture to remember
#
# Each line is an exhibit. The filled point is the nearest species, the open one the next. **A name rests on the gap
# between them, not on the filled point alone.** Look for the lines where the filled point is far to the right and the
# name is a genus all the same.

# %%
twelve = [*exhibits.values()][: len(training.truth())]
results = forensics.identify(twelve, library=library)
axes = results.plot()
# %% [markdown]
# ## Take home
#
# 1. A result names what the evidence supports, at the rank at which it supports it.
# 2. The name rests on the distance to the next species and on the assumption that the library holds the right one.
# 3. "No species can be named" and "nothing near" are results, and they never mean "not protected".
#
# ## Your task
#
# Write a line for each exhibit: what you would report, and what you would do next. Do it **before** you run the cell
# below, which shows what the exhibits are. Then discuss with your neighbour every line where the result says less
# than the truth. Would you have said more? What would have happened with the dried meat?

# %%
columns = ["query", "status", "rank", "taxon", "probability"]
results.to_frame()[columns].merge(training.truth(), on="query")
